#include "txaio_loop.h"

_Thread_local const void *txaio_loop_slot;
_Thread_local void *txaio_release_slot;
