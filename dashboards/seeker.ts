/**
 * Jumps of the play head: by event, by finding, to a time, to a share of the whole. A jump is worked off a piece at a
 * time, so that keys are heard; the next key may change its goal.
 */
import type { InodeKey } from '../src/event/event.ts';
import type { Goal } from './feed.ts';
import type { Player } from './player.ts';
import {
  describeTask,
  isStep,
  ofFile,
  type Search,
  type Seeker,
  type Task,
  type TaskTo,
} from './seek-tasks.ts';
import { isTelling } from './tape.ts';

const NO_WAY_BACK = 'this recording can be read only once: no way back';
const ON_THE_WAY = 'still on the way: one moment';
const WORK_MS = 40;
/** Played for longer than this, an indexed recording is entered nearer to the goal. */
const PATIENCE_MS = 150;
/** Events between two looks at all findings, and at the clock. */
const LOOK_EVERY = 200;
const CLOCK_EVERY = 200;

/** Moves a player. `clock` gives milliseconds. */
export function createSeeker(player: Player, clock: () => number): Seeker {
  let task: Task | null = null;
  let news: string | null = null;
  /** Steps that were asked for while another one was made. */
  let moreSteps = 0;
  let workedMs = 0;
  let isEntering = false;

  function begin(next: Task): null {
    task = next;
    workedMs = 0;
    return null;
  }

  /** A jump that a key asks for: whatever was sought before is given up. */
  function beginAnew(next: Task): null {
    moreSteps = 0;
    news = null;
    return begin(next);
  }

  function step(direction: 1 | -1): string | null {
    if (isEntering) return ON_THE_WAY;
    if (task !== null && isStep(task)) {
      moreSteps += direction;
      return null;
    }
    if (direction > 0) return beginAnew({ to: 'on' });
    const { next } = player.position();
    const last = player.lastTelling(next);
    if (last === 'none') return 'this is the start of the recording';
    if (last === null && !player.canEnter) return NO_WAY_BACK;
    return beginAnew({ to: 'back', before: next });
  }

  function stepFinding(direction: 1 | -1, key: InodeKey | null): string | null {
    if (isEntering) return ON_THE_WAY;
    const found = player.story().findings(key ?? undefined);
    const origin = player.position().next;
    if (direction > 0) {
      return beginAnew({
        to: 'new-finding',
        known: new Set(found.keys()),
        search: { origin, key, rest: null },
      });
    }
    const rest = [...found].sort(([, one], [, other]) => one.startNs - other.startNs);
    if (rest.length === 0) return `no finding${ofFile(key)} up to here`;
    news = null;
    moreSteps = 0;
    return tryEarlier({ origin, key, rest });
  }

  function seek(goal: Goal): string | null {
    if (isEntering) return ON_THE_WAY;
    switch (goal.to) {
      case 'end':
        return beginAnew({ to: 'end' });
      case 'time':
        return seekTime(goal.ns);
      case 'share': {
        const extent = player.extent();
        if (goal.share === 0 || extent === null) return seekTime(Number.NEGATIVE_INFINITY);
        if (extent.toNs === null) return beginAnew({ to: 'share', share: goal.share });
        return seekTime(extent.fromNs + goal.share * (extent.toNs - extent.fromNs));
      }
    }
  }

  function seekTime(ns: number): string | null {
    const { headNs } = player.position();
    const isBehind = headNs !== null && ns < headNs;
    const goal: Task = { to: 'time', ns };
    if (!isBehind || player.goBack((kept) => kept.headNs === null || kept.headNs <= ns))
      return beginAnew(goal);
    if (!player.canEnter) return NO_WAY_BACK;
    const at = ns === Number.NEGATIVE_INFINITY ? { events: 0 } : { ns };
    return beginAnew({ to: 'entry', at, after: goal });
  }

  /** Puts the head before an event that lies behind it, or as near before that as can be; plays on from there. */
  function goBackTo(next: number, after: Task | null): void {
    const goal: Task = { to: 'event', next, after };
    const isBack = player.position().next <= next || player.goBack((kept) => kept.next <= next);
    begin(isBack ? goal : { to: 'entry', at: { events: next }, after: goal });
  }

  function goBackBy({ before }: TaskTo<'back'>): void {
    const last = player.lastTelling(before);
    const previous = typeof last === 'number' ? player.lastTelling(last) : last;
    if (last === 'none') task = null;
    // Beats after the event before are not its own: the head stands right behind it.
    else if (last !== null && previous !== null) goBackTo(previous === 'none' ? last : previous + 1, null);
    // What lies before is not in memory: it is read again from further back.
    else
      goBackTo(Math.max(0, before - BACK_EVENTS), {
        to: 'event',
        next: before,
        after: { to: 'back', before },
      });
  }

  /** Looks for the moment at which the latest of the findings that are left came up. */
  function tryEarlier({ origin, key, rest }: Search): null {
    const last = rest?.at(-1);
    if (rest === null || last === undefined) {
      news = `no finding${ofFile(key)} before this one`;
      goBackTo(origin, null);
      return null;
    }
    const [name, found] = last;
    const goal: Task = { to: 'finding', name, found, search: { origin, key, rest: rest.slice(0, -1) } };
    const isBack = player.goBack(({ headNs }) => headNs === null || headNs < found.startNs);
    return begin(isBack ? goal : { to: 'entry', at: { ns: found.startNs - 1 }, after: goal });
  }

  /** Looks whether the task is done; plays one event where it is not. */
  function workOnce(now: Task): void {
    switch (now.to) {
      case 'entry':
        return;
      case 'back':
        goBackBy(now);
        return;
      case 'on': {
        const event = player.peek();
        player.applyNext();
        if (event !== undefined && isTelling(event)) task = null;
        return;
      }
      case 'event':
        if (player.position().next >= now.next) task = now.after;
        else player.applyNext();
        return;
      case 'time':
        workTowards(now);
        return;
      case 'new-finding':
        if (player.position().next % LOOK_EVERY !== 0 || !foundNew(now)) player.applyNext();
        return;
      case 'finding':
        if (isThere(now)) arrive(now);
        else player.applyNext();
        return;
      case 'share':
      case 'end':
        player.applyNext();
        return;
    }
  }

  function workTowards({ ns }: TaskTo<'time'>): void {
    const next = player.peek();
    if (next === undefined || next.ts <= ns) {
      player.applyNext();
      return;
    }
    // The very start shows the first event, not an empty screen.
    if (player.position().headNs === null) player.applyNext();
    else player.moveHead(ns);
    task = null;
  }

  function isThere({ name, found }: TaskTo<'finding'>): boolean {
    const { headNs } = player.position();
    if (headNs === null || headNs < found.startNs) return false;
    return player.story().findings(found.key).has(name);
  }

  function arrive({ search }: TaskTo<'finding'>): void {
    const isEarlier = search.rest === null || player.position().next < search.origin;
    if (isEarlier) task = null;
    else tryEarlier(search);
  }

  /** A finding came up since the last look: goes back to see at which event. */
  function foundNew({ known, search }: TaskTo<'new-finding'>): boolean {
    const { next } = player.position();
    for (const [name, found] of player.story().findings(search.key ?? undefined)) {
      if (known.has(name)) continue;
      goBackTo(Math.max(search.origin, next - LOOK_EVERY), { to: 'finding', name, found, search });
      return true;
    }
    return false;
  }

  /** There is nothing left to play. */
  function workAtEnd(now: Task): void {
    task = null;
    switch (now.to) {
      case 'back':
        goBackBy(now);
        return;
      case 'event':
        task = now.after;
        return;
      case 'share':
        seek({ to: 'share', share: now.share });
        return;
      case 'new-finding':
        if (foundNew(now)) return;
        news = `no further finding${ofFile(now.search.key)} up to the end`;
        goBackTo(now.search.origin, null);
        return;
      case 'finding':
        if (isThere(now)) arrive(now);
        else if (now.search.rest !== null) tryEarlier(now.search);
        return;
      default:
    }
  }

  async function work(): Promise<void> {
    const began = clock();
    for (let done = 1; task !== null || moreSteps !== 0; done += 1) {
      if (task === null) takeNextStep();
      else if (task.to === 'entry') await enter(task);
      else if (player.peek() !== undefined || task.to === 'back' || task.to === 'event')
        await workOrLoad(task);
      else if (player.isDone()) workAtEnd(task);
      else await player.load();
      if (done % CLOCK_EVERY === 0 && clock() - began > WORK_MS) break;
    }
    workedMs += clock() - began;
    if (player.isIndexed && workedMs > PATIENCE_MS && task?.to === 'time' && Number.isFinite(task.ns)) {
      begin({ to: 'entry', at: { ns: task.ns }, after: task });
      workedMs = Number.NEGATIVE_INFINITY;
    }
  }

  async function workOrLoad(now: Task): Promise<void> {
    const isHere = now.to === 'back' || (now.to === 'event' && player.position().next >= now.next);
    if (isHere || player.peek() !== undefined) workOnce(now);
    else if (player.isDone()) workAtEnd(now);
    else await player.load();
  }

  async function enter(now: TaskTo<'entry'>): Promise<void> {
    isEntering = true;
    await player.enter(now.at);
    isEntering = false;
    task = now.after;
  }

  function takeNextStep(): void {
    const direction = moreSteps > 0 ? 1 : -1;
    const rest = moreSteps - direction;
    moreSteps = 0;
    if (step(direction) === null) moreSteps = rest;
  }

  return {
    step,
    stepFinding,
    seek,
    isBusy: () => task !== null || moreSteps !== 0,
    towards: () => (task === null ? null : describeTask(task)),
    work,
    news() {
      if (task !== null) return null;
      const told = news;
      news = null;
      return told;
    },
  };
}

/** So far back is read again where memory does not reach. */
const BACK_EVENTS = 5000;
