// The C library of the platform, under one name. Every file that calls it imports this module, so that the choice
// between the three libraries stands here alone.
#if canImport(Glibc)
@_exported public import Glibc
#elseif canImport(Musl)
@_exported public import Musl
#elseif canImport(Darwin)
@_exported public import Darwin
#endif
