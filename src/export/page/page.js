/**
 * Zoom and hover of an exported page. It works on what is drawn already: whatever has `data-from` and `data-to`, or
 * `data-at`, is put in its place again. Times are nanoseconds since the recording began.
 */
(() => {
  const total = Math.max(1, Number(document.body.dataset.length));
  const pictures = [...document.querySelectorAll('svg.lanes')];
  const tip = document.getElementById('tip');
  const RIGHT = 12;
  const LEAST_WIDTH = 3;
  const LEAST_NS = 1000;
  let view = { from: 0, to: total };

  /** The part of a picture where time runs: from x to x. */
  function plotOf(svg) {
    return { left: Number(svg.dataset.labels), right: svg.clientWidth - RIGHT };
  }

  function placeIn(svg) {
    const { left, right } = plotOf(svg);
    return (ns) => left + ((ns - view.from) / (view.to - view.from)) * (right - left);
  }

  function timeAt(svg, clientX) {
    const { left, right } = plotOf(svg);
    const share = (clientX - svg.getBoundingClientRect().left - left) / (right - left);
    return view.from + Math.min(1, Math.max(0, share)) * (view.to - view.from);
  }

  function show(element, isShown) {
    element.setAttribute('visibility', isShown ? 'visible' : 'hidden');
  }

  function layOut(svg) {
    // The picture was drawn for one width; now a unit is a pixel.
    svg.setAttribute('viewBox', `0 0 ${svg.clientWidth} ${svg.viewBox.baseVal.height}`);
    const { left, right } = plotOf(svg);
    const place = placeIn(svg);
    for (const bar of svg.querySelectorAll('[data-from]')) {
      const [from, to] = [place(Number(bar.dataset.from)), place(Number(bar.dataset.to))];
      const [begin, end] = [Math.max(left, from), Math.min(right, to)];
      bar.setAttribute('x', begin);
      bar.setAttribute('width', Math.max(LEAST_WIDTH, end - begin));
      show(bar, to >= left && from <= right);
    }
    for (const point of svg.querySelectorAll('[data-at]')) {
      const x = place(Number(point.dataset.at));
      point.setAttribute('transform', `translate(${x} 0)`);
      show(point, x >= left && x <= right);
    }
    drawTicks(svg, place);
  }

  const SVG = 'http://www.w3.org/2000/svg';

  function element(name, attributes, text = '') {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  function drawTicks(svg, place) {
    const { left, right } = plotOf(svg);
    const least = ((view.to - view.from) * 80) / Math.max(1, right - left);
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= least);
    const height = svg.viewBox.baseVal.height;
    const ticks = [];
    for (let ns = Math.ceil(view.from / step) * step; ns <= view.to; ns += step) {
      const tick = element('g', { class: 'tick', transform: `translate(${place(ns)} 0)` });
      tick.append(
        element('path', { d: `M0 0V${height}` }),
        element('text', { x: 3, y: 10 }, tickText(ns, step)),
      );
      ticks.push(tick);
    }
    svg.querySelector('.ticks').replaceChildren(...ticks);
  }

  /** As many decimals as tell two ticks apart. */
  function tickText(ns, step) {
    const decimals = Math.min(9, Math.max(0, 9 - Math.floor(Math.log10(step))));
    return `+${(ns / 1e9).toFixed(decimals)} s`;
  }

  function redraw() {
    for (const svg of pictures) layOut(svg);
    const output = document.querySelector('.buttons output');
    output.textContent = `${tickText(view.from, 1e6)} to ${tickText(view.to, 1e6)}`;
  }

  function look(from, to) {
    const length = Math.min(total, Math.max(LEAST_NS, to - from));
    const begin = Math.min(total - length, Math.max(0, from));
    view = { from: begin, to: begin + length };
    redraw();
  }

  function zoom(times, at = (view.from + view.to) / 2) {
    look(at - (at - view.from) / times, at + (view.to - at) / times);
  }

  function move(share) {
    const by = (view.to - view.from) * share;
    look(view.from + by, view.to + by);
  }

  const ACTIONS = {
    in: () => zoom(2),
    out: () => zoom(0.5),
    left: () => move(-0.25),
    right: () => move(0.25),
    all: () => look(0, total),
  };
  const KEYS = { '+': 'in', '=': 'in', '-': 'out', ArrowLeft: 'left', ArrowRight: 'right', 0: 'all' };

  document.addEventListener('click', ({ target }) => {
    const action = target.closest('[data-do]');
    if (action !== null) ACTIONS[action.dataset.do]();
    const finding = target.closest('button.finding');
    if (finding === null) return;
    const [from, to] = [Number(finding.dataset.from), Number(finding.dataset.to)];
    const margin = Math.max((to - from) / 4, total / 200);
    look(from - margin, to + margin);
  });

  document.addEventListener('keydown', (event) => {
    const action = KEYS[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    ACTIONS[action]();
  });

  for (const svg of pictures) {
    svg.setAttribute('height', svg.viewBox.baseVal.height);
    svg.addEventListener('pointerdown', (event) => select(svg, event));
    svg.addEventListener('dblclick', () => look(0, total));
    svg.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        zoom(event.deltaY < 0 ? 1.25 : 0.8, timeAt(svg, event.clientX));
      },
      { passive: false },
    );
  }

  /** Drags over a part of the time, to see it closer. */
  function select(svg, down) {
    const { left } = plotOf(svg);
    if (down.button !== 0 || down.clientX - svg.getBoundingClientRect().left < left) return;
    const begin = timeAt(svg, down.clientX);
    const place = placeIn(svg);
    const box = element('rect', { class: 'selection', y: 0, height: '100%' });
    svg.append(box);
    const onMove = (event) => {
      const edges = [place(begin), place(timeAt(svg, event.clientX))];
      box.setAttribute('x', Math.min(...edges));
      box.setAttribute('width', Math.abs(edges[1] - edges[0]));
    };
    const onUp = (event) => {
      box.remove();
      removeEventListener('pointermove', onMove);
      const end = timeAt(svg, event.clientX);
      if (Math.abs(event.clientX - down.clientX) > 4) look(Math.min(begin, end), Math.max(begin, end));
    };
    addEventListener('pointermove', onMove);
    addEventListener('pointerup', onUp, { once: true });
  }

  // The browser's own tool tips come late and vanish; ours say the same at once, also to the keyboard.
  for (const title of document.querySelectorAll('svg.lanes title')) {
    const owner = title.parentElement;
    owner.dataset.tip = title.textContent;
    owner.setAttribute('aria-label', title.textContent);
    title.remove();
  }

  function point({ target }, x, y) {
    const owner = target.closest?.('[data-tip]') ?? null;
    tip.hidden = owner === null;
    if (owner === null) return;
    tip.textContent = owner.dataset.tip;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - width - 4))}px`;
    tip.style.top = `${y + 16 + height > innerHeight ? Math.max(4, y - height - 8) : y + 16}px`;
  }

  document.addEventListener('pointermove', (event) => point(event, event.clientX, event.clientY));
  document.addEventListener('focusin', (event) => {
    const { left, bottom } = event.target.getBoundingClientRect();
    point(event, left, bottom);
  });
  addEventListener('resize', redraw);
  document.querySelector('.buttons').hidden = false;
  redraw();
})();
