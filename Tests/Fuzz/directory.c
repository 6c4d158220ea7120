// The central directory, and the place of every member.
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    host_failure failure;
    npio_zip *zip;
    const host_file *file = input_file(data, size);
    npio_status status = npio_zip_open(file, &zip, &failure);
    if (status != NPIO_OK) {
        CHECK(zip == NULL);
        check_failure(status, &failure);
        return 0;
    }
    CHECK(npio_zip_has_end_record(file));
    // An entry takes 46 bytes of the file at least: no claim makes more of them.
    CHECK(npio_zip_count(zip) <= size / 46);
    uint64_t covered = 0;
    for (size_t i = 0; i < npio_zip_count(zip); i++) {
        npio_zip_entry entry = npio_zip_entry_at(zip, i);
        uint64_t offset = 0;
        volatile char last = 0;
        for (size_t j = 0; j < entry.name_size; j++) {
            last = entry.name[j];
        }
        (void)last;
        status = npio_zip_locate(zip, i, &offset, &failure);
        if (status == NPIO_OK) {
            CHECK(entry.method == 0 || entry.method == 8);
            CHECK(offset <= size && entry.compressed_size <= size - offset);
            CHECK(entry.method == 8 || entry.uncompressed_size == entry.compressed_size);
            CHECK(entry.uncompressed_size / 1032 <= entry.compressed_size + 1);
            // Members do not overlap, so together they fit the file.
            covered += 30 + entry.name_size + entry.compressed_size;
            CHECK(covered <= size);
        } else {
            check_failure(status, &failure);
        }
    }
    npio_zip_close(zip);
    return 0;
}
