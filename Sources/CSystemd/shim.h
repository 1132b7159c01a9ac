// The location macros of the header would name this file: fields are passed, never implied.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
