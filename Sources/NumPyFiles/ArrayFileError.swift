// Whoever reads arrays handles the faults of their files, which are the host's errors with codes of this module.
@_exported public import HostSystem

/// A fault of an `.npy` file or an archive of such: a `FileError` with the codes of this module.
public typealias ArrayFileError = FileError
