// Reads NPY files and the members of NPZ archives, and writes NPZ archives.
//
// Every fallible call returns an `npio_status` and fills the caller's `host_failure`: C reports facts and the caller
// words them. `open` makes a handle; `close` frees it and accepts NULL. The caller owns every data buffer, and no
// pointer of the caller's is kept after a call returns, except that an archive, stream or writer borrows the file or
// output that it was opened on, which must outlive it. A handle is used by one thread at a time.
//
// Sources: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (NPY),
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (ZIP), RFC 1951 (deflate).
#ifndef CNPYIO_H
#define CNPYIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CHostSystem.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What went wrong. The numbers are fixed; new ones go to the end of their group. Numbers below 20 are those of
/// `host_status` and mean the same: a call that reads or writes a file passes on what the file reports.
typedef enum __attribute__((enum_extensibility(open))) npio_status {
    NPIO_OK = 0,

    NPIO_BAD_MAGIC = 20,           // found: the first bytes, lowest first; expected: how many there are, at most 8
    NPIO_BAD_VERSION = 21,         // found: major * 256 + minor
    NPIO_HEADER_TRUNCATED = 22,    // found, expected: bytes
    NPIO_HEADER_TOO_LONG = 23,     // found: length; expected: limit
    NPIO_HEADER_SYNTAX = 24,       // byte_offset; text: what was looked for there
    NPIO_HEADER_NOT_DICT = 25,
    NPIO_HEADER_NOT_UTF8 = 26,
    NPIO_MISSING_KEY = 27,         // text: key
    NPIO_UNEXPECTED_KEY = 28,      // text: key
    NPIO_REPEATED_KEY = 29,        // text: key
    NPIO_BAD_DTYPE = 30,           // text: descr
    NPIO_OBJECT_DTYPE = 31,        // text: descr
    NPIO_STRUCTURED_DTYPE = 32,    // text: start of descr
    NPIO_BAD_FORTRAN_ORDER = 33,   // text: value
    NPIO_SHAPE_NOT_TUPLE = 34,     // text: value
    NPIO_SHAPE_NOT_INTEGERS = 35,  // text: value
    NPIO_SHAPE_NEGATIVE = 36,      // text: value
    NPIO_SHAPE_TOO_LARGE = 37,
    NPIO_TOO_MANY_AXES = 38,       // expected: limit
    NPIO_DATA_TRUNCATED = 39,      // found, expected: data bytes; text: shape

    NPIO_NO_END_RECORD = 60,
    NPIO_BYTES_AFTER_ARCHIVE = 61,   // found: count
    NPIO_MULTI_DISK = 62,
    NPIO_DIRECTORY_RANGE = 63,       // found: where it would end; expected: where it must end
    NPIO_ENTRY_COUNT = 64,           // found: entries there; expected: entries the end record names
    NPIO_ENTRY_SIGNATURE = 65,
    NPIO_ENTRY_TRUNCATED = 66,
    NPIO_ZIP64_RECORD = 67,
    NPIO_ZIP64_EXTRA = 68,
    NPIO_ENCRYPTED = 69,
    NPIO_BAD_METHOD = 70,            // found: method
    NPIO_PATCHED = 71,
    NPIO_LOCAL_OFFSET = 72,
    NPIO_LOCAL_SIGNATURE = 73,
    NPIO_LOCAL_NAME = 74,
    NPIO_LOCAL_METHOD = 75,          // found: method in the local header; expected: in the directory
    NPIO_MEMBERS_OVERLAP = 76,
    NPIO_MEMBER_RANGE = 77,          // found: bytes there; expected: bytes the directory names
    NPIO_STORED_SIZES = 78,          // found: compressed size; expected: uncompressed size
    NPIO_IMPOSSIBLE_SIZE = 79,       // found: most that can come out; expected: uncompressed size

    NPIO_DEFLATE_CORRUPT = 90,       // text: zlib's message; zlib_code
    NPIO_DEFLATE_ENDS_EARLY = 91,    // found: bytes that came out; expected: uncompressed size
    NPIO_MEMBER_TOO_LONG = 92,       // expected: uncompressed size
    NPIO_MEMBER_TOO_SHORT = 93,      // found, expected: bytes
    NPIO_BYTES_AFTER_DEFLATE = 94,   // found: count
    NPIO_CRC_MISMATCH = 95,          // found, expected: CRC-32

    NPIO_NAME_TOO_LONG = 110,        // found: bytes
} npio_status;

// ---------------------------------------------------------------- archives

typedef struct npio_zip npio_zip;

typedef struct npio_zip_entry {
    const char *_Nonnull name;   // as stored, not ended by NUL; lives as long as the archive
    size_t name_size;
    bool name_is_utf8;           // general purpose bit 11
    uint16_t method;
    uint32_t crc;
    uint64_t compressed_size;
    uint64_t uncompressed_size;
} npio_zip_entry;

/// True where the file ends in an end of central directory record whose comment reaches exactly the file's end.
bool npio_zip_has_end_record(const host_file *_Nonnull file);
/// Reads the central directory. Faults of one member are left to `npio_zip_locate`.
npio_status npio_zip_open(const host_file *_Nonnull file, npio_zip *_Nullable *_Nonnull zip, host_failure *_Nonnull failure);
void npio_zip_close(npio_zip *_Nullable zip);
size_t npio_zip_count(const npio_zip *_Nonnull zip);
npio_zip_entry npio_zip_entry_at(const npio_zip *_Nonnull zip, size_t index);
/// Checks that a member can be read and gives where its bytes start in the file.
npio_status npio_zip_locate(const npio_zip *_Nonnull zip, size_t index, uint64_t *_Nonnull data_offset,
                            host_failure *_Nonnull failure);

// ---------------------------------------------------------------- streams

typedef struct npio_stream npio_stream;

/// The bytes of a whole file.
npio_status npio_stream_open_file(const host_file *_Nonnull file, npio_stream *_Nullable *_Nonnull stream,
                                  host_failure *_Nonnull failure);
/// The bytes of a file from `start` on; none where the file ends before it.
npio_status npio_stream_open_rest(const host_file *_Nonnull file, uint64_t start,
                                  npio_stream *_Nullable *_Nonnull stream, host_failure *_Nonnull failure);
/// A member, inflated where it is deflated.
npio_status npio_stream_open_member(const host_file *_Nonnull file, const npio_zip *_Nonnull zip, size_t index,
                                    npio_stream *_Nullable *_Nonnull stream, host_failure *_Nonnull failure);
/// What comes from a descriptor, of unknown length. The descriptor stays the caller's.
npio_status npio_stream_open_descriptor(int32_t descriptor, npio_stream *_Nullable *_Nonnull stream,
                                        host_failure *_Nonnull failure);
void npio_stream_close(npio_stream *_Nullable stream);
/// Reads up to `count` bytes; fewer only at the end of the stream.
npio_status npio_stream_read(npio_stream *_Nonnull stream, uint8_t *_Nonnull bytes, size_t count, size_t *_Nonnull got,
                             host_failure *_Nonnull failure);
/// Reads what is left into nothing, then checks size and CRC-32. `left` receives how many bytes were left; of a
/// descriptor no more than NPIO_DRAIN_LIMIT are read, since it may never end.
npio_status npio_stream_finish(npio_stream *_Nonnull stream, uint64_t *_Nonnull left, host_failure *_Nonnull failure);
/// Bytes of the file, not of the array, that were read so far.
uint64_t npio_stream_consumed(const npio_stream *_Nonnull stream);

#define NPIO_DRAIN_LIMIT (64u << 20)

// ---------------------------------------------------------------- NPY headers

/// NumPy's own default, `max_header_size`.
#define NPIO_HEADER_LIMIT 10000u
/// NumPy 2's NPY_MAXDIMS.
#define NPIO_MAX_AXES 64u

typedef struct npio_header {
    char kind;             // 'b', 'i', 'u' or 'f'; 'V' for two bytes without a meaning
    bool big_endian;       // false for one byte
    bool fortran_order;
    uint32_t item_size;
    uint32_t axis_count;
    uint64_t shape[NPIO_MAX_AXES];
    uint64_t data_offset;  // bytes of magic, version, length and dict
    uint64_t data_size;    // item_size times the product of shape, at most INT64_MAX
} npio_header;

/// Reads magic, version, length and dict from the start of a stream, which then stands at the first data byte.
/// NPIO_DATA_TRUNCATED where the stream's known length cannot hold the array.
npio_status npio_header_read(npio_stream *_Nonnull stream, npio_header *_Nonnull header, host_failure *_Nonnull failure);
/// Parses the dict alone. `base` is added to reported offsets.
npio_status npio_header_parse(const uint8_t *_Nonnull bytes, size_t count, uint8_t major, uint64_t base,
                              npio_header *_Nonnull header, host_failure *_Nonnull failure);
uint64_t npio_header_axis(const npio_header *_Nonnull header, uint32_t axis);

// ---------------------------------------------------------------- checksums and compression

/// CRC-32 as ZIP uses it, continued from `crc` (0 to begin).
uint32_t npio_crc32(uint32_t crc, const uint8_t *_Nullable bytes, size_t count);
/// CRC-32 of a first part and a second of `second_size` bytes.
uint32_t npio_crc32_combine(uint32_t first, uint32_t second, uint64_t second_size);

/// Bytes that `npio_deflate` may need for `count` bytes.
size_t npio_deflate_bound(size_t count);
/// Deflates into whole bytes that end in an empty stored block, so that such chunks may be joined. Made for runs of
/// equal bytes; nothing else is compressed but for its skewed counts. Returns the size, 0 where `capacity` is below the
/// bound.
size_t npio_deflate(const uint8_t *_Nullable bytes, size_t count, uint8_t *_Nonnull out, size_t capacity);

/// Bytes that `npio_zlib` may need for `count` bytes.
size_t npio_zlib_bound(size_t count);
/// One whole zlib stream (RFC 1950) at a zlib level of 1 to 9. As `npio_deflate` otherwise.
size_t npio_zlib(const uint8_t *_Nullable bytes, size_t count, int32_t level, uint8_t *_Nonnull out, size_t capacity);

// ---------------------------------------------------------------- writing archives

typedef struct npio_writer npio_writer;

/// Writes an archive into `output`, which it borrows.
npio_status npio_writer_open(host_output *_Nonnull output, npio_writer *_Nullable *_Nonnull writer, host_failure *_Nonnull failure);
/// Starts a member. `size` is what will come out of it, and decides whether it gets zip64 fields.
npio_status npio_writer_begin(npio_writer *_Nonnull writer, const char *_Nonnull name, size_t name_size, bool deflated,
                              uint64_t size, host_failure *_Nonnull failure);
/// Appends bytes as they are to be in the file: of a deflated member chunks from `npio_deflate`. `crc` and `size` are
/// those of the bytes that come out.
npio_status npio_writer_append(npio_writer *_Nonnull writer, const uint8_t *_Nullable bytes, size_t count, uint32_t crc,
                               uint64_t size, host_failure *_Nonnull failure);
npio_status npio_writer_end(npio_writer *_Nonnull writer, host_failure *_Nonnull failure);
/// Writes the directory. The output is not committed by this.
npio_status npio_writer_finish(npio_writer *_Nonnull writer, host_failure *_Nonnull failure);
void npio_writer_close(npio_writer *_Nullable writer);

#ifdef __cplusplus
}
#endif
#endif
