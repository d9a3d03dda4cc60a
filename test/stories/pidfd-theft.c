/*
 * The pins of a dead process, in a pipe that B took out of it with pidfd_getfd(2): A never handed anything over. One
 * page stays mapped by B, so that truncate waits on every kernel: see handed-over.h.
 */
#include "handed-over.h"

int main(void) { return play_handed_over("pidfd-theft", STOLEN_BY_B, true, BEFORE_TRUNCATE); }
