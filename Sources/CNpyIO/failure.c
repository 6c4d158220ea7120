#include "internal.h"

#include <stdio.h>
#include <string.h>

const char *npio_failure_text(const npio_failure *failure) {
    return failure->text;
}

npio_status npio_fail(npio_failure *failure, npio_status status) {
    memset(failure, 0, sizeof *failure);
    failure->member = -1;
    failure->byte_offset = -1;
    return status;
}

npio_status npio_fail_numbers(npio_failure *failure, npio_status status, uint64_t found, uint64_t expected) {
    npio_fail(failure, status);
    failure->found = found;
    failure->expected = expected;
    return status;
}

npio_status npio_fail_text(npio_failure *failure, npio_status status, const void *text, size_t size) {
    static const char digits[] = "0123456789abcdef";
    static const char ellipsis[] = "...";
    const uint8_t *bytes = text;
    // Room for one escape, the ellipsis and the NUL.
    const size_t limit = sizeof failure->text - 4 - sizeof ellipsis;
    size_t used = 0;
    npio_fail(failure, status);
    for (size_t i = 0; i < size; i++) {
        if (used > limit) {
            memcpy(failure->text + used, ellipsis, sizeof ellipsis - 1);
            used += sizeof ellipsis - 1;
            break;
        }
        if (bytes[i] >= 0x20 && bytes[i] < 0x7F) {
            failure->text[used++] = (char)bytes[i];
        } else {
            failure->text[used++] = '\\';
            failure->text[used++] = 'x';
            failure->text[used++] = digits[bytes[i] >> 4];
            failure->text[used++] = digits[bytes[i] & 15];
        }
    }
    failure->text[used] = 0;
    return status;
}

npio_status npio_fail_system(npio_failure *failure, int code, const char *call) {
    npio_fail_text(failure, NPIO_SYSTEM_ERROR, call, strlen(call));
    failure->system_errno = code;
    return NPIO_SYSTEM_ERROR;
}

// glibc's strerror_r returns the text, POSIX's an int; overloads by type keep both.
static inline const char *words_of_pointer(const char *words, const char *text) {
    (void)text;
    return words;
}

static inline const char *words_of_status(int status, const char *text) {
    return status == 0 ? text : "unknown error";
}

const char *npio_errno_text(int32_t code, char *text, size_t capacity) {
    text[0] = 0;
#define words_of(result) _Generic((result), int: words_of_status, default: words_of_pointer)((result), text)
    const char *words = words_of(strerror_r(code, text, capacity));
    if (words != text) {
        snprintf(text, capacity, "%s", words);
    }
    return text;
}
