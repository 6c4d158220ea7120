// Reads NPY files and the members of NPZ archives, and writes NPZ archives.
//
// Every fallible call returns an `npio_status` and fills the caller's `npio_failure`; C reports facts, the caller words
// them. `open` and `create` make a handle, `close` frees it and accepts NULL. The caller owns every data buffer, and no
// pointer of the caller's is kept after a call returns, except that a map, archive or stream borrows the file it was
// opened on, which must outlive it. A handle is used by one thread at a time, but for `npio_file` and `npio_map`, which
// do not change once open.
//
// Sources: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (NPY),
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (ZIP), RFC 1951 (deflate).
#ifndef CNPYIO_H
#define CNPYIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What went wrong. The numbers are fixed; new ones go to the end of their group.
typedef enum __attribute__((enum_extensibility(open))) npio_status {
    NPIO_OK = 0,

    NPIO_SYSTEM_ERROR = 1,   // system_errno; text: the call that failed
    NPIO_NO_MEMORY = 2,      // expected: bytes asked for
    NPIO_IS_FOLDER = 3,
    NPIO_NOT_REGULAR = 4,    // a pipe, device or socket
    NPIO_CHANGED = 5,        // size, time or inode differ from those at open
    NPIO_ENDS_EARLY = 6,     // found: bytes that were left; expected: bytes asked for
    NPIO_INTERNAL = 7,       // text: which rule of ours was broken

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

/// The facts of a failure; which fields count is said beside each status.
typedef struct npio_failure {
    int64_t member;        // index in the directory, -1 where there is none
    int64_t byte_offset;   // in the file; of a header from the start of the array's own bytes; -1 where there is none
    uint64_t found;
    uint64_t expected;
    int32_t system_errno;
    int32_t zlib_code;
    char text[128];        // printable ASCII, other bytes as \xNN, cut to fit, ends in NUL
} npio_failure;

/// The text field, which Swift would otherwise see as a tuple.
const char *_Nonnull npio_failure_text(const npio_failure *_Nonnull failure);
/// The system's words for an errno, as `strerror`; `text` receives them and is returned.
const char *_Nonnull npio_errno_text(int32_t code, char *_Nonnull text, size_t capacity);

// ---------------------------------------------------------------- files

typedef struct npio_file npio_file;

/// Opens a regular file for reading; never waits on a pipe.
npio_status npio_file_open(const char *_Nonnull path, npio_file *_Nullable *_Nonnull file, npio_failure *_Nonnull failure);
void npio_file_close(npio_file *_Nullable file);
/// Size when it was opened.
uint64_t npio_file_size(const npio_file *_Nonnull file);
/// Reads exactly `count` bytes or fails with NPIO_ENDS_EARLY.
npio_status npio_file_read(const npio_file *_Nonnull file, uint64_t offset, uint8_t *_Nonnull bytes, size_t count,
                           npio_failure *_Nonnull failure);
/// NPIO_CHANGED when size or time of the open file, or what the path leads to, differ from those at open.
npio_status npio_file_check(const npio_file *_Nonnull file, npio_failure *_Nonnull failure);

enum { NPIO_PATH_MISSING = 0, NPIO_PATH_FILE = 1, NPIO_PATH_FOLDER = 2, NPIO_PATH_OTHER = 3 };
int32_t npio_path_kind(const char *_Nonnull path);
/// Device and inode of what a path leads to; false where there is nothing.
bool npio_path_identity(const char *_Nonnull path, uint64_t *_Nonnull device, uint64_t *_Nonnull inode);

typedef struct npio_folder npio_folder;
npio_status npio_folder_open(const char *_Nonnull path, npio_folder *_Nullable *_Nonnull folder, npio_failure *_Nonnull failure);
/// The next name, without "." and ".."; valid until the next call; NULL with NPIO_OK at the end.
npio_status npio_folder_next(npio_folder *_Nonnull folder, const char *_Nullable *_Nonnull name, npio_failure *_Nonnull failure);
void npio_folder_close(npio_folder *_Nullable folder);

// ---------------------------------------------------------------- maps

typedef struct npio_map npio_map;

/// Maps a whole file for reading. A file that shrinks later reads as zeros and sets the fault flag instead of killing
/// the process: the first map installs a SIGBUS handler, which passes on what is not ours.
npio_status npio_map_open(const npio_file *_Nonnull file, npio_map *_Nullable *_Nonnull map, npio_failure *_Nonnull failure);
void npio_map_close(npio_map *_Nullable map);
/// First byte; NULL for an empty file.
const uint8_t *_Nullable npio_map_bytes(const npio_map *_Nonnull map);
size_t npio_map_size(const npio_map *_Nonnull map);
/// True once a page could not be read.
bool npio_map_faulted(const npio_map *_Nonnull map);
/// Has the kernel read a range ahead in the background, where a sample of its pages is not in memory. Advice: silent.
void npio_map_will_need(const npio_map *_Nonnull map, size_t offset, size_t count);
/// Reads a range from the disk into the page cache where a sample of its pages is not in memory; waits for it. `file` is
/// the mapped one. Pages that come by reading lie there in large pieces; those that come by advice or by touching the map
/// come one by one, and take longer to read and to map. Silent: a fault shows when the bytes are used.
void npio_map_fetch(npio_map *_Nonnull map, const npio_file *_Nonnull file, size_t offset, size_t count);
/// Keeps freed memory for the next buffers of the same size, where the C library would give it back to the kernel at
/// once. Does nothing where that cannot be set.
void npio_keep_freed_memory(void);

/// Drops whole pages inside the range from this process; they are read again when touched.
void npio_map_release(const npio_map *_Nonnull map, size_t offset, size_t count);

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
bool npio_zip_has_end_record(const npio_file *_Nonnull file);
/// Reads the central directory. Faults of one member are left to `npio_zip_locate`.
npio_status npio_zip_open(const npio_file *_Nonnull file, npio_zip *_Nullable *_Nonnull zip, npio_failure *_Nonnull failure);
void npio_zip_close(npio_zip *_Nullable zip);
size_t npio_zip_count(const npio_zip *_Nonnull zip);
npio_zip_entry npio_zip_entry_at(const npio_zip *_Nonnull zip, size_t index);
/// Checks that a member can be read and gives where its bytes start in the file.
npio_status npio_zip_locate(const npio_zip *_Nonnull zip, size_t index, uint64_t *_Nonnull data_offset,
                            npio_failure *_Nonnull failure);

// ---------------------------------------------------------------- streams

typedef struct npio_stream npio_stream;

/// The bytes of a whole file.
npio_status npio_stream_open_file(const npio_file *_Nonnull file, npio_stream *_Nullable *_Nonnull stream,
                                  npio_failure *_Nonnull failure);
/// A member, inflated where it is deflated.
npio_status npio_stream_open_member(const npio_file *_Nonnull file, const npio_zip *_Nonnull zip, size_t index,
                                    npio_stream *_Nullable *_Nonnull stream, npio_failure *_Nonnull failure);
/// What comes from a descriptor, of unknown length. The descriptor stays the caller's.
npio_status npio_stream_open_descriptor(int32_t descriptor, npio_stream *_Nullable *_Nonnull stream,
                                        npio_failure *_Nonnull failure);
void npio_stream_close(npio_stream *_Nullable stream);
/// Reads up to `count` bytes; fewer only at the end of the stream.
npio_status npio_stream_read(npio_stream *_Nonnull stream, uint8_t *_Nonnull bytes, size_t count, size_t *_Nonnull got,
                             npio_failure *_Nonnull failure);
/// Reads what is left into nothing, then checks size and CRC-32. `left` receives how many bytes were left; of a
/// descriptor no more than NPIO_DRAIN_LIMIT are read, since it may never end.
npio_status npio_stream_finish(npio_stream *_Nonnull stream, uint64_t *_Nonnull left, npio_failure *_Nonnull failure);
/// Bytes of the file, not of the array, that were read so far.
uint64_t npio_stream_consumed(const npio_stream *_Nonnull stream);

#define NPIO_DRAIN_LIMIT (64u << 20)

// ---------------------------------------------------------------- NPY headers

/// NumPy's own default, `max_header_size`.
#define NPIO_HEADER_LIMIT 10000u
/// NumPy 2's NPY_MAXDIMS.
#define NPIO_MAX_AXES 64u

typedef struct npio_header {
    char kind;             // 'b', 'i', 'u' or 'f'
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
npio_status npio_header_read(npio_stream *_Nonnull stream, npio_header *_Nonnull header, npio_failure *_Nonnull failure);
/// Parses the dict alone. `base` is added to reported offsets.
npio_status npio_header_parse(const uint8_t *_Nonnull bytes, size_t count, uint8_t major, uint64_t base,
                              npio_header *_Nonnull header, npio_failure *_Nonnull failure);
uint64_t npio_header_axis(const npio_header *_Nonnull header, uint32_t axis);

// ---------------------------------------------------------------- checksums and compression

/// CRC-32 as ZIP uses it, continued from `crc` (0 to begin).
uint32_t npio_crc32(uint32_t crc, const uint8_t *_Nullable bytes, size_t count);
/// CRC-32 of a first part and a second of `second_size` bytes.
uint32_t npio_crc32_combine(uint32_t first, uint32_t second, uint64_t second_size);

/// Bytes that `npio_deflate` may need for `count` bytes.
size_t npio_deflate_bound(size_t count);
/// Deflates into whole bytes that end in an empty stored block, so that such chunks may be joined. Made for runs of equal
/// bytes; nothing else is compressed but for its skewed counts. Returns the size, 0 where `capacity` is below the bound.
size_t npio_deflate(const uint8_t *_Nullable bytes, size_t count, uint8_t *_Nonnull out, size_t capacity);

/// Bytes that `npio_zlib` may need for `count` bytes.
size_t npio_zlib_bound(size_t count);
/// One whole zlib stream (RFC 1950) at a zlib level of 1 to 9. As `npio_deflate` otherwise.
size_t npio_zlib(const uint8_t *_Nullable bytes, size_t count, int32_t level, uint8_t *_Nonnull out, size_t capacity);

// ---------------------------------------------------------------- output

typedef struct npio_output npio_output;

/// A file that appears at `path` when it is whole. Written beside it under a temporary name, with the mode of the file
/// it replaces. Where `path` is a pipe or a device the bytes are copied there instead.
npio_status npio_output_create(const char *_Nonnull path, npio_output *_Nullable *_Nonnull output, npio_failure *_Nonnull failure);
/// A nameless temporary file in `folder`, to be read back, or copied to a descriptor at commit.
npio_status npio_output_create_nameless(const char *_Nonnull folder, npio_output *_Nullable *_Nonnull output,
                                        npio_failure *_Nonnull failure);
/// Appends.
npio_status npio_output_write(npio_output *_Nonnull output, const uint8_t *_Nullable bytes, size_t count,
                              npio_failure *_Nonnull failure);
/// Writes at an offset; of a nameless file several threads may do so.
npio_status npio_output_write_at(npio_output *_Nonnull output, uint64_t offset, const uint8_t *_Nullable bytes, size_t count,
                                 npio_failure *_Nonnull failure);
npio_status npio_output_read_at(const npio_output *_Nonnull output, uint64_t offset, uint8_t *_Nonnull bytes, size_t count,
                                npio_failure *_Nonnull failure);
/// Bytes appended so far.
uint64_t npio_output_size(const npio_output *_Nonnull output);
/// Renames into place. After success or failure only `close` may follow.
npio_status npio_output_commit(npio_output *_Nonnull output, npio_failure *_Nonnull failure);
/// Copies all bytes to a descriptor.
npio_status npio_output_copy(npio_output *_Nonnull output, int32_t descriptor, npio_failure *_Nonnull failure);
/// A readable file of the same bytes, for `npio_map_open`.
npio_status npio_output_reopen(const npio_output *_Nonnull output, npio_file *_Nullable *_Nonnull file, npio_failure *_Nonnull failure);
/// Removes the temporary file unless it was committed.
void npio_output_close(npio_output *_Nullable output);

/// From now on SIGINT, SIGTERM and SIGHUP remove every temporary file of this process and end it with 128 + signal, and
/// writing to a closed pipe or past the file size limit is an error instead of the end. Signals that are ignored stay so.
void npio_interruption_install(void);

typedef struct npio_writer npio_writer;

/// Writes an archive into `output`, which it borrows.
npio_status npio_writer_open(npio_output *_Nonnull output, npio_writer *_Nullable *_Nonnull writer, npio_failure *_Nonnull failure);
/// Starts a member. `size` is what will come out of it, and decides whether it gets zip64 fields.
npio_status npio_writer_begin(npio_writer *_Nonnull writer, const char *_Nonnull name, size_t name_size, bool deflated,
                              uint64_t size, npio_failure *_Nonnull failure);
/// Appends bytes as they are to be in the file: of a deflated member chunks from `npio_deflate`. `crc` and `size` are
/// those of the bytes that come out.
npio_status npio_writer_append(npio_writer *_Nonnull writer, const uint8_t *_Nullable bytes, size_t count, uint32_t crc,
                               uint64_t size, npio_failure *_Nonnull failure);
npio_status npio_writer_end(npio_writer *_Nonnull writer, npio_failure *_Nonnull failure);
/// Writes the directory. The output is not committed by this.
npio_status npio_writer_finish(npio_writer *_Nonnull writer, npio_failure *_Nonnull failure);
void npio_writer_close(npio_writer *_Nullable writer);

#ifdef __cplusplus
}
#endif
#endif
