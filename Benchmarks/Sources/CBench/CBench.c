#include "CBench.h"

#include <malloc.h>

void bench_trim(void) { malloc_trim(0); }
