#include "internal.h"

#include <stdlib.h>
#include <zlib.h>

// Bytes of a file that are inflated at a time: enough to make the cost of a call small, and few enough for a cache.
enum { input_capacity = 1 << 16 };
// zlib counts in 32 bits, so it gets no more than this at a time.
static const size_t zlib_limit = 1u << 30;

struct npio_stream {
    enum { from_range, from_deflate, from_descriptor } source;
    const host_file *file;
    int descriptor;
    uint64_t next, end;      // in the file: the next byte to read, and where the bytes of this stream end
    uint64_t length;         // bytes that come out, UINT64_MAX where unknown
    uint64_t position;       // bytes that came out
    uint64_t consumed;
    bool checked;            // there is a CRC to compare
    uint32_t crc, expected_crc;
    bool inflating, inflated;
    z_stream z;
    uint8_t *input;
    size_t input_size;
};

static npio_status make(npio_stream **stream, host_failure *failure) {
    *stream = calloc(1, sizeof **stream);
    if (*stream == NULL) {
        return npio_fail_memory(failure, sizeof **stream);
    }
    return NPIO_OK;
}

npio_status npio_stream_open_file(const host_file *file, npio_stream **stream, host_failure *failure) {
    return npio_stream_open_rest(file, 0, stream, failure);
}

npio_status npio_stream_open_rest(const host_file *file, uint64_t start, npio_stream **stream, host_failure *failure) {
    npio_status status = make(stream, failure);
    if (status == NPIO_OK) {
        (*stream)->source = from_range;
        (*stream)->file = file;
        (*stream)->next = start;
        (*stream)->end = host_file_size(file);
        (*stream)->length = start < (*stream)->end ? (*stream)->end - start : 0;
    }
    return status;
}

npio_status npio_stream_open_descriptor(int32_t descriptor, npio_stream **stream, host_failure *failure) {
    npio_status status = make(stream, failure);
    if (status == NPIO_OK) {
        (*stream)->source = from_descriptor;
        (*stream)->descriptor = descriptor;
        (*stream)->length = UINT64_MAX;
    }
    return status;
}

npio_status npio_stream_open_member(const host_file *file, const npio_zip *zip, size_t index, npio_stream **stream,
                                    host_failure *failure) {
    uint64_t offset;
    *stream = NULL;
    npio_status status = npio_zip_locate(zip, index, &offset, failure);
    if (status != NPIO_OK) {
        return status;
    }
    npio_zip_entry entry = npio_zip_entry_at(zip, index);
    npio_stream *made;
    status = make(&made, failure);
    if (status != NPIO_OK) {
        return status;
    }
    made->file = file;
    made->next = offset;
    made->end = offset + entry.compressed_size;
    made->length = entry.uncompressed_size;
    made->checked = true;
    made->expected_crc = entry.crc;
    made->source = from_range;
    if (entry.method != 0) {
        made->source = from_deflate;
        made->input_size = entry.compressed_size < input_capacity ? (size_t)entry.compressed_size + 1 : input_capacity;
        made->input = malloc(made->input_size);
        int code = made->input == NULL ? Z_MEM_ERROR : inflateInit2(&made->z, -MAX_WBITS);
        made->inflating = code == Z_OK;
        if (code != Z_OK) {
            status = npio_fail_memory(failure, made->input_size);
            npio_stream_close(made);
            return status;
        }
    }
    *stream = made;
    return NPIO_OK;
}

void npio_stream_close(npio_stream *stream) {
    if (stream != NULL) {
        if (stream->inflating) {
            inflateEnd(&stream->z);
        }
        free(stream->input);
        free(stream);
    }
}

uint64_t npio_stream_consumed(const npio_stream *stream) {
    return stream->consumed;
}

uint64_t npio_stream_left(const npio_stream *stream) {
    return stream->length == UINT64_MAX ? UINT64_MAX : stream->length - stream->position;
}

static npio_status read_descriptor(npio_stream *s, uint8_t *bytes, size_t count, size_t *got, host_failure *failure) {
    npio_status status = (npio_status)host_descriptor_read(s->descriptor, bytes, count, got, failure);
    s->consumed += *got;
    return status;
}

static npio_status read_range(npio_stream *s, uint8_t *bytes, size_t count, host_failure *failure) {
    npio_status status = npio_read(s->file, s->next, bytes, count, failure);
    if (status != NPIO_OK) {
        return status;
    }
    s->next += count;
    s->consumed += count;
    return NPIO_OK;
}

/// Inflates until `count` bytes came out or the deflate stream ended.
static npio_status inflate_some(npio_stream *s, uint8_t *bytes, size_t count, size_t *got, host_failure *failure) {
    while (*got < count && !s->inflated) {
        if (s->z.avail_in == 0 && s->next < s->end) {
            size_t piece = s->end - s->next < s->input_size ? (size_t)(s->end - s->next) : s->input_size;
            npio_status status = read_range(s, s->input, piece, failure);
            if (status != NPIO_OK) {
                return status;
            }
            s->z.next_in = s->input;
            s->z.avail_in = (uInt)piece;
        }
        uInt room = (uInt)(count - *got < zlib_limit ? count - *got : zlib_limit);
        s->z.next_out = bytes + *got;
        s->z.avail_out = room;
        int code = inflate(&s->z, Z_NO_FLUSH);
        *got += room - s->z.avail_out;
        switch (code) {
        case Z_OK:
            break;
        case Z_STREAM_END:
            s->inflated = true;
            break;
        case Z_BUF_ERROR:
            // There was no progress although there was room, so input is what is missing.
            if (s->z.avail_in > 0) {
                return npio_fail_internal(failure, "inflate");
            }
            if (s->next == s->end) {
                return npio_fail_numbers(failure, NPIO_DEFLATE_ENDS_EARLY, s->position + *got, s->length);
            }
            break;
        case Z_NEED_DICT:
        case Z_DATA_ERROR: {
            const char *message = s->z.msg != NULL ? s->z.msg : "preset dictionary";
            npio_fail_text(failure, NPIO_DEFLATE_CORRUPT, message, strlen(message));
            failure->byte_offset = (int64_t)(s->next - s->z.avail_in);
            return NPIO_DEFLATE_CORRUPT;
        }
        case Z_MEM_ERROR:
            return npio_fail_memory(failure, s->input_size);
        case Z_STREAM_ERROR:
        default:
            return npio_fail_internal(failure, "inflate");
        }
    }
    return NPIO_OK;
}

/// How many bytes are read before they are added to the checksum: few enough to be in the cache still.
#define CHECKED_PIECE ((size_t)1 << 18)

static npio_status read_piece(npio_stream *s, uint8_t *bytes, size_t count, size_t *got, host_failure *failure) {
    uint64_t left = npio_stream_left(s);
    size_t wanted = count < left ? count : (size_t)left;
    npio_status status = NPIO_OK;
    *got = 0;
    switch (s->source) {
    case from_range:
        status = read_range(s, bytes, wanted, failure);
        *got = status == NPIO_OK ? wanted : 0;
        break;
    case from_descriptor:
        status = read_descriptor(s, bytes, wanted, got, failure);
        break;
    case from_deflate:
        status = inflate_some(s, bytes, wanted, got, failure);
        break;
    }
    if (status != NPIO_OK) {
        return status;
    }
    if (s->checked) {
        s->crc = npio_crc32(s->crc, bytes, *got);
    }
    s->position += *got;
    if (*got < wanted && s->source == from_deflate) {
        return npio_fail_numbers(failure, NPIO_MEMBER_TOO_SHORT, s->position, s->length);
    }
    return NPIO_OK;
}

npio_status npio_stream_read(npio_stream *stream, uint8_t *bytes, size_t count, size_t *got, host_failure *failure) {
    *got = 0;
    while (*got < count) {
        size_t left = count - *got, piece = stream->checked && left > CHECKED_PIECE ? CHECKED_PIECE : left, some = 0;
        npio_status status = read_piece(stream, bytes + *got, piece, &some, failure);
        *got += some;
        if (status != NPIO_OK || some < piece) {
            return status;
        }
    }
    return NPIO_OK;
}

/// Checks the end of a member of which the stated size came out: the deflate stream must end without another byte, and
/// must fill the member.
static npio_status finish_deflate(npio_stream *s, host_failure *failure) {
    uint8_t extra;
    size_t got = 0;
    npio_status status = inflate_some(s, &extra, 1, &got, failure);
    if (status != NPIO_OK) {
        return status;
    }
    if (got > 0) {
        return npio_fail_numbers(failure, NPIO_MEMBER_TOO_LONG, s->length + 1, s->length);
    }
    uint64_t unused = s->end - s->next + s->z.avail_in;
    if (unused > 0) {
        return npio_fail_numbers(failure, NPIO_BYTES_AFTER_DEFLATE, unused, 0);
    }
    return NPIO_OK;
}

npio_status npio_stream_finish(npio_stream *stream, uint64_t *left, host_failure *failure) {
    npio_stream *s = stream;
    uint8_t dropped[1 << 15];
    *left = 0;
    if (s->source == from_range && !s->checked) {
        *left = npio_stream_left(s);
        return NPIO_OK;
    }
    for (;;) {
        size_t got;
        npio_status status = npio_stream_read(s, dropped, sizeof dropped, &got, failure);
        if (status != NPIO_OK) {
            return status;
        }
        *left += got;
        if (got == 0 || (s->source == from_descriptor && *left >= NPIO_DRAIN_LIMIT)) {
            break;
        }
    }
    if (s->source == from_deflate) {
        npio_status status = finish_deflate(s, failure);
        if (status != NPIO_OK) {
            return status;
        }
    }
    if (s->checked && s->crc != s->expected_crc) {
        return npio_fail_numbers(failure, NPIO_CRC_MISMATCH, s->crc, s->expected_crc);
    }
    return NPIO_OK;
}
