// The NPY header: as a whole file, and its dict alone.
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    host_failure failure;
    npio_header header;
    npio_stream *stream;
    const host_file *file = input_file(data, size);
    CHECK(npio_stream_open_file(file, &stream, &failure) == NPIO_OK);
    npio_status status = npio_header_read(stream, &header, &failure);
    if (status == NPIO_OK) {
        check_header(&header);
        CHECK(header.data_offset <= size && header.data_size <= size - header.data_offset);
    } else {
        check_failure(status, &failure);
        CHECK(failure.byte_offset <= (int64_t)size);
    }
    npio_stream_close(stream);

    if (size > 0) {
        uint64_t base = 10;
        status = npio_header_parse(data + 1, size - 1, (uint8_t)(1 + data[0] % 3), base, &header, &failure);
        if (status == NPIO_OK) {
            check_header(&header);
        } else {
            check_failure(status, &failure);
            CHECK(failure.byte_offset >= (int64_t)base && failure.byte_offset <= (int64_t)(base + size - 1));
        }
    }
    return 0;
}
