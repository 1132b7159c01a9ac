#include "txaio_text.h"

void *txaio_put_long_decimal(void *to, uint64_t value) {
    uint8_t *out = txaio_put_decimal(to, value / 100000000);
    txaio_store_digits(out, txaio_eight_digits((uint32_t)(value % 100000000)));
    return out + 8;
}

void *txaio_put_six_places(void *to, double magnitude) {
    uint64_t parts = (uint64_t)(int64_t)(magnitude * 1000000 + 0.5);
    if ((double)(int64_t)parts / 1000000 != magnitude) return NULL;
    uint64_t scale = 1000000;
    size_t places = 6;
    while (places > 1 && parts % 10 == 0) {
        parts /= 10;
        scale /= 10;
        places--;
    }
    uint64_t whole = parts / scale, rest = parts - whole * scale;
    uint8_t *out = txaio_put_decimal(to, whole);
    *out = '.';
    for (size_t at = places; at > 0; at--, rest /= 10) out[at] = (uint8_t)('0' + rest % 10);
    return out + places + 1;
}
