/* The pins of a dead process, handed over by a pipe, with no mapping of the file left: see handed-over.h. */
#include "handed-over.h"

int main(void) { return play_handed_over("handed-over-unmapped", SENT_BY_A, false, BEFORE_TRUNCATE); }
