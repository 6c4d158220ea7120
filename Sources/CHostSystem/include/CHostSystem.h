// What the operating system gives to the rest of the package: files that are read, files that appear when they are
// whole, signals, and memory. Nothing here knows what a file holds.
//
// Every fallible call returns a `host_status` and fills the caller's `host_failure`: C reports facts and the caller
// words them. `open` and `create` make a handle; `close` frees it and accepts NULL. The caller owns every data buffer,
// and no pointer of the caller's is kept after a call returns. A handle is used by one thread at a time, except
// `host_file` and `host_map`, which do not change once they are open.
#ifndef CHOSTSYSTEM_H
#define CHOSTSYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------- failures

/// What went wrong. The numbers are fixed, and those from 20 on belong to targets that build upon this one.
typedef enum __attribute__((enum_extensibility(open))) host_status {
    HOST_OK = 0,
    HOST_SYSTEM_ERROR = 1,   // system_errno; text: the call that failed
    HOST_NO_MEMORY = 2,      // expected: bytes asked for
    HOST_IS_FOLDER = 3,
    HOST_NOT_REGULAR = 4,    // a pipe, device or socket
    HOST_CHANGED = 5,        // size, time or inode differ from those at open
    HOST_ENDS_EARLY = 6,     // found: bytes that were left; expected: bytes asked for
    HOST_INTERNAL = 7,       // text: which rule of ours was broken
} host_status;

/// The facts of a failure. The comment beside each status says which fields it fills.
typedef struct host_failure {
    int64_t byte_offset;   // where in the file; -1 where there is no such place
    uint64_t found;
    uint64_t expected;
    int32_t system_errno;
    char text[128];        // printable ASCII, other bytes as \xNN, cut to fit, ends in NUL
} host_failure;

/// Each of these clears the facts, fills in its own and returns `status`, so that a call reads `return host_fail(...)`.
host_status host_fail(host_failure *_Nonnull failure, host_status status);
host_status host_fail_at(host_failure *_Nonnull failure, host_status status, uint64_t byte_offset);
host_status host_fail_numbers(host_failure *_Nonnull failure, host_status status, uint64_t found, uint64_t expected);
host_status host_fail_text(host_failure *_Nonnull failure, host_status status, const void *_Nonnull text, size_t size);
/// Takes the errno as an argument, because any call in between may change the global one.
host_status host_fail_system(host_failure *_Nonnull failure, int32_t code, const char *_Nonnull call);

/// The text field, which Swift would otherwise see as a tuple.
const char *_Nonnull host_failure_text(const host_failure *_Nonnull failure);
/// The system's words for an errno, as `strerror` gives them; `text` receives them and is returned.
const char *_Nonnull host_errno_text(int32_t code, char *_Nonnull text, size_t capacity);

// ---------------------------------------------------------------- files

typedef struct host_file host_file;

/// Which file it is, and what tells whether it was written to since.
typedef struct host_stamp {
    uint64_t device, inode, size;
    int64_t written_seconds, written_nanoseconds;  // when its bytes last changed
    int64_t changed_seconds, changed_nanoseconds;  // when its entry last changed: bytes, mode, links, or a time that was set
    bool is_regular;
} host_stamp;

/// Opens a regular file for reading; never waits on a pipe. Raises this process's limit of open files, as far as the
/// system allows, when that limit is what stands in the way.
host_status host_file_open(const char *_Nonnull path, host_file *_Nullable *_Nonnull file, host_failure *_Nonnull failure);
void host_file_close(host_file *_Nullable file);
/// Size when it was opened.
uint64_t host_file_size(const host_file *_Nonnull file);
/// Reads exactly `count` bytes or fails with HOST_ENDS_EARLY.
host_status host_file_read(const host_file *_Nonnull file, uint64_t offset, uint8_t *_Nonnull bytes, size_t count,
                           host_failure *_Nonnull failure);
/// As it was when it was opened.
host_stamp host_file_stamp(const host_file *_Nonnull file);
/// HOST_CHANGED when size or times of the open file, or what the path leads to, differ from those at open.
host_status host_file_check(const host_file *_Nonnull file, host_failure *_Nonnull failure);

/// Reads from an open descriptor, such as a pipe, until `count` bytes are there or it ends; `got` receives how many
/// came. Waits where the descriptor does not.
host_status host_descriptor_read(int32_t descriptor, uint8_t *_Nonnull bytes, size_t count, size_t *_Nonnull got,
                                 host_failure *_Nonnull failure);

// ---------------------------------------------------------------- paths and folders

enum { HOST_PATH_MISSING = 0, HOST_PATH_FILE = 1, HOST_PATH_FOLDER = 2, HOST_PATH_OTHER = 3 };
int32_t host_path_kind(const char *_Nonnull path);
/// Of what a path leads to; false where there is nothing.
bool host_path_stamp(const char *_Nonnull path, host_stamp *_Nonnull stamp);

typedef struct host_folder host_folder;

host_status host_folder_open(const char *_Nonnull path, host_folder *_Nullable *_Nonnull folder, host_failure *_Nonnull failure);
/// The next name, without "." and ".."; valid until the next call; NULL with HOST_OK at the end.
host_status host_folder_next(host_folder *_Nonnull folder, const char *_Nullable *_Nonnull name, host_failure *_Nonnull failure);
void host_folder_close(host_folder *_Nullable folder);

// ---------------------------------------------------------------- maps

typedef struct host_map host_map;

/// Maps a whole file for reading; `file` must outlive the map. A file that shrinks later reads as zeros and sets the
/// fault flag instead of killing the process: the first map installs a SIGBUS handler, which passes on what is not
/// ours.
host_status host_map_open(const host_file *_Nonnull file, host_map *_Nullable *_Nonnull map, host_failure *_Nonnull failure);
void host_map_close(host_map *_Nullable map);
/// First byte; NULL for an empty file.
const uint8_t *_Nullable host_map_bytes(const host_map *_Nonnull map);
size_t host_map_size(const host_map *_Nonnull map);
/// True once a page could not be read.
bool host_map_faulted(const host_map *_Nonnull map);
/// Makes the kernel read a range ahead in the background where a sample of the range's pages is not in memory. This is
/// advice: failure does not show.
void host_map_will_need(const host_map *_Nonnull map, size_t offset, size_t count);
/// Reads a range from the disk into the page cache where a sample of the range's pages is not in memory, and waits for
/// it. `file` is the mapped one. Pages that come by reading lie there in large pieces. Pages that come by advice, or by
/// touching the map, come one by one and take longer to read and to map. Failure does not show until the bytes are
/// used.
void host_map_fetch(host_map *_Nonnull map, const host_file *_Nonnull file, size_t offset, size_t count);
/// Drops whole pages inside the range from this process; they are read again when touched.
void host_map_release(const host_map *_Nonnull map, size_t offset, size_t count);

// ---------------------------------------------------------------- output

typedef struct host_output host_output;

/// A file that appears at `path` when it is replaced. It is written beside that path under a temporary name, with the
/// mode of the file that was there. Where `path` leads to a pipe or a device the bytes are copied there instead; until
/// then they lie in a nameless file in `temporary_folder`. Temporary files that dead processes left in the folder are
/// removed.
host_status host_output_create(const char *_Nonnull path, const char *_Nonnull temporary_folder,
                               host_output *_Nullable *_Nonnull output, host_failure *_Nonnull failure);
/// A nameless temporary file in `folder`, to be read back or copied to a descriptor.
host_status host_output_create_nameless(const char *_Nonnull folder, host_output *_Nullable *_Nonnull output,
                                        host_failure *_Nonnull failure);
/// Appends.
host_status host_output_write(host_output *_Nonnull output, const uint8_t *_Nullable bytes, size_t count,
                              host_failure *_Nonnull failure);
/// Writes at an offset. Several threads may write to a nameless file at once, at offsets of their own.
host_status host_output_write_at(host_output *_Nonnull output, uint64_t offset, const uint8_t *_Nullable bytes, size_t count,
                                 host_failure *_Nonnull failure);
host_status host_output_read_at(const host_output *_Nonnull output, uint64_t offset, uint8_t *_Nonnull bytes, size_t count,
                                host_failure *_Nonnull failure);
/// Bytes appended so far.
uint64_t host_output_size(const host_output *_Nonnull output);
/// Whether `replace` copies the bytes into a pipe or a device.
bool host_output_is_copied(const host_output *_Nonnull output);
/// Ends the writing of a file that is to appear at a path; `sync` waits until it is on the disk. Nothing may be written after.
host_status host_output_finish(host_output *_Nonnull output, bool sync, host_failure *_Nonnull failure);
/// Renames into place, and keeps the file that was there until `settle`; copies to a pipe or a device.
host_status host_output_replace(host_output *_Nonnull output, host_failure *_Nonnull failure);
/// Puts back the file that was there before `replace`, or removes what is there now if there was none. Does nothing before
/// `replace`, and where the file system has no hard links to keep a file by.
void host_output_restore(host_output *_Nonnull output);
/// Removes the file that was kept.
void host_output_settle(host_output *_Nonnull output);
/// Waits until the folder of a file is on the disk.
host_status host_output_sync_folder(const host_output *_Nonnull output, host_failure *_Nonnull failure);
/// Copies all bytes to a descriptor.
host_status host_output_copy(host_output *_Nonnull output, int32_t descriptor, host_failure *_Nonnull failure);
/// A readable file of the same bytes, for `host_map_open`.
host_status host_output_reopen(const host_output *_Nonnull output, host_file *_Nullable *_Nonnull file, host_failure *_Nonnull failure);
/// Removes the temporary file, and the file that was replaced.
void host_output_close(host_output *_Nullable output);

// ---------------------------------------------------------------- the process

/// The arguments of this process, its own name among them; -1 where the system does not hand them out before `main`.
int32_t host_argument_count(void);
const char *_Nonnull host_argument(int32_t index);

/// From now on SIGINT, SIGTERM and SIGHUP remove every temporary file of this process and end it with 128 + signal, and
/// writing to a closed pipe or past the file size limit is an error instead of the end. Signals that are ignored stay so.
///
/// Every other signal that ends a process, a crash among them, removes the temporary files too, prints one line, and then
/// ends the process as it would have without that. Crashes are left to a sanitizer where the program has one, and to Swift's
/// backtraces where the environment holds SWIFT_BACKTRACE.
void host_interruption_install(void);

/// Between these two such a signal waits. They nest.
void host_interruption_defer(void);
void host_interruption_admit(void);

/// Keeps freed memory for the next buffers of the same size, where the C library would give it back to the kernel at
/// once. Does nothing where that cannot be set.
void host_keep_freed_memory(void);
/// Whether a block of that many bytes can be had now.
bool host_memory_can_take(size_t count);

#ifdef __cplusplus
}
#endif
#endif
