#include "internal.h"

#include <stdio.h>
#include <string.h>

const char *host_failure_text(const host_failure *failure) {
    return failure->text;
}

host_status host_fail(host_failure *failure, host_status status) {
    memset(failure, 0, sizeof *failure);
    failure->byte_offset = -1;
    return status;
}

host_status host_fail_at(host_failure *failure, host_status status, uint64_t byte_offset) {
    host_fail(failure, status);
    failure->byte_offset = (int64_t)byte_offset;
    return status;
}

host_status host_fail_numbers(host_failure *failure, host_status status, uint64_t found, uint64_t expected) {
    host_fail(failure, status);
    failure->found = found;
    failure->expected = expected;
    return status;
}

host_status host_fail_text(host_failure *failure, host_status status, const void *text, size_t size) {
    static const char digits[] = "0123456789abcdef";
    static const char ellipsis[] = "...";
    const uint8_t *bytes = text;
    // This leaves room for one escape, the ellipsis and the NUL.
    const size_t limit = sizeof failure->text - 4 - sizeof ellipsis;
    size_t used = 0;
    host_fail(failure, status);
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

host_status host_fail_system(host_failure *failure, int32_t code, const char *call) {
    host_fail_text(failure, HOST_SYSTEM_ERROR, call, strlen(call));
    failure->system_errno = code;
    return HOST_SYSTEM_ERROR;
}

// glibc's strerror_r returns the text and POSIX's returns an int. A choice by the type of the result takes both.
static inline const char *words_of_pointer(const char *words, const char *text) {
    (void)text;
    return words;
}

static inline const char *words_of_status(int status, const char *text) {
    return status == 0 ? text : "unknown error";
}

const char *host_errno_text(int32_t code, char *text, size_t capacity) {
    text[0] = 0;
#define words_of(result) _Generic((result), int: words_of_status, default: words_of_pointer)((result), text)
    const char *words = words_of(strerror_r(code, text, capacity));
    if (words != text) {
        snprintf(text, capacity, "%s", words);
    }
    return text;
}
