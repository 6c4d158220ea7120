internal import HostSystem

extension ArrayFile {
    /// An archive's members, told apart into arrays and others: whatever NumPy reads as an array is one, under any name.
    struct Listing {
        var arrays: [ArrayEntry] = []
        var others: [String] = []
        /// Keys that more than one member has: an error once one of them is used.
        var repeatedKeys: Set<String> = []

        /// **Errors.** an array whose name gives no key: it could be neither named nor left out.
        init(_ directory: ZipDirectory) throws(ArrayFileError) {
            var keys: Set<String> = []
            for index in 0..<directory.count {
                let entry = directory[index]
                guard !entry.name.isMacMetadata, entry.name.isArray || Self.startsAsNPY(directory, index) else {
                    others.append(entry.name.escaped)
                    continue
                }
                let key = try entry.name.key(file: directory.file.path)
                if !keys.insert(key).inserted { repeatedKeys.insert(key) }
                arrays.append(
                    ArrayEntry(
                        key: key, memberName: entry.name.text, isDeflated: !entry.isStored,
                        storedByteCount: Int(clamping: entry.compressedByteCount),
                        byteCount: Int(clamping: entry.byteCount), index: index))
            }
        }

        private static func startsAsNPY(_ directory: ZipDirectory, _ index: Int) -> Bool {
            guard let stream = try? StreamHandle(file: directory.file, directory: directory, index: index, member: nil)
            else { return false }
            var start = [UInt8](repeating: 0, count: 6)
            guard let got = try? stream.read(into: &start, at: 0, count: 6, file: "", member: nil) else { return false }
            return got == 6 && start == [0x93] + Array("NUMPY".utf8)
        }
    }
}
