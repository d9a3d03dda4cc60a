/*
 * Whopins comes after the truncate succeeded, over pages that lie in B's pipe: their page->mapping is cleared, and
 * nothing tells any more which file they were. Up to 6.12 only: from 6.18 on the truncate waits (handed-over.h).
 */
#include "handed-over.h"

int main(void) { return play_handed_over("truncated-under-pin", SENT_BY_A, false, AFTER_TRUNCATE); }
