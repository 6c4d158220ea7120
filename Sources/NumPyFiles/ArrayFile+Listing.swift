internal import HostSystem

extension ArrayFile {
    /// An archive's members, told apart into arrays and others.
    struct Listing {
        var arrays: [ArrayEntry] = []
        var others: [String] = []
        /// Keys that more than one member has: an error once one of them is used.
        var repeatedKeys: Set<String> = []

        init(_ directory: ZipDirectory) {
            var keys: Set<String> = []
            for index in 0..<directory.count {
                let entry = directory[index]
                guard let name = entry.name.text, let key = entry.name.key,
                    key.hasSuffix || Self.startsAsNPY(directory, index)
                else {
                    others.append(entry.name.escaped)
                    continue
                }
                if !keys.insert(key.text).inserted { repeatedKeys.insert(key.text) }
                arrays.append(
                    ArrayEntry(
                        key: key.text, memberName: name, isDeflated: !entry.isStored,
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
