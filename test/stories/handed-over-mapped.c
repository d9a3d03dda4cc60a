/* The pins of a dead process, handed over by a pipe, while one page of the file stays mapped: see handed-over.h. */
#include "handed-over.h"

int main(void) { return play_handed_over("handed-over-mapped", SENT_BY_A, true, BEFORE_TRUNCATE); }
