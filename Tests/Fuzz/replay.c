// Runs a harness over files, without libFuzzer: each as it is, cut short at up to 64 places, and with bits flipped.
//
// usage: HARNESS FILE...
#include "fuzz.h"

static void run(const uint8_t *bytes, size_t size) {
    // A buffer of exactly this size, so that a byte read beyond it shows.
    uint8_t *copy = malloc(size > 0 ? size : 1);
    CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

int main(int count, char **paths) {
    size_t runs = 0;
    for (int i = 1; i < count; i++) {
        FILE *stream = fopen(paths[i], "rb");
        if (stream == NULL) {
            perror(paths[i]);
            return 1;
        }
        enum { limit = 1 << 20, edits = 64 };
        static uint8_t bytes[limit];
        size_t size = fread(bytes, 1, limit, stream);
        fclose(stream);
        run(bytes, size);
        for (size_t k = 0; k < edits && size > 0; k++, runs += 2) {
            size_t place = k * size / edits;
            run(bytes, place);
            bytes[place] ^= (uint8_t)(1u << k % 8);
            run(bytes, size);
            bytes[place] ^= (uint8_t)(1u << k % 8);
        }
        runs++;
    }
    printf("%zu runs over %d files\n", runs, count - 1);
    return 0;
}
