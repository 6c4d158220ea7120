/// A member of an archive to be built; every field of its headers can be made to lie.
package struct ZipMember: Sendable {
    package var name: [UInt8]
    package var data: [UInt8]
    package var method: UInt16 = 0
    package var flags: UInt16 = 0
    /// What lies in the file; `data` itself, or `data` in stored deflate blocks, unless set.
    package var stored: [UInt8]?
    package var crc: UInt32?
    package var size: UInt64?
    package var compressedSize: UInt64?
    package var offset: UInt64?
    /// Sizes in the directory go into a zip64 extra field.
    package var isZip64 = false
    package var directoryExtra: [UInt8] = []
    package var localExtra: [UInt8] = []
    package var localName: [UInt8]?
    package var localMethod: UInt16?
    package var localSignature: UInt32 = 0x0403_4B50
    package var directorySignature: UInt32 = 0x0201_4B50

    package init(_ name: String, _ data: [UInt8], method: UInt16 = 0) {
        self.name = Array(name.utf8)
        self.data = data
        self.method = method
    }

    /// This member with one thing changed.
    package func with<Value>(_ field: WritableKeyPath<ZipMember, Value>, _ value: Value) -> ZipMember {
        var copy = self
        copy[keyPath: field] = value
        return copy
    }
}

/// An archive; the end record's fields can be made to lie.
package struct ZipBuilder: Sendable {
    package var members: [ZipMember] = []
    package var prefix: [UInt8] = []
    package var isPrefixCounted = true
    package var comment: [UInt8] = []
    package var hasZip64End = false
    package var statedCount: UInt64?
    package var statedDirectorySize: UInt64?
    package var statedDirectoryOffset: UInt64?
    package var disk: UInt16 = 0
    package var statedCommentSize: UInt16?
    package var zip64Locator: UInt64?
    package var zip64Signature: UInt32 = 0x0606_4B50
    /// Bytes of the directory that are written, all of them unless set.
    package var cutDirectory: Int?

    package init(_ members: [ZipMember]) { self.members = members }

    package func with<Value>(_ field: WritableKeyPath<ZipBuilder, Value>, _ value: Value) -> ZipBuilder {
        var copy = self
        copy[keyPath: field] = value
        return copy
    }

    package var bytes: [UInt8] {
        var out = prefix
        var directory: [UInt8] = []
        let base = isPrefixCounted ? 0 : prefix.count
        for member in members {
            let stored = member.stored ?? (member.method == 8 ? storedDeflate(member.data) : member.data)
            let crc = member.crc ?? slowCRC32(member.data)
            let size = member.size ?? UInt64(member.data.count)
            let compressed = member.compressedSize ?? UInt64(stored.count)
            let offset = member.offset ?? UInt64(out.count - base)
            let localName = member.localName ?? member.name
            out += little(member.localSignature, 4) + little(20, 2) + little(member.flags, 2)
            out += little(member.localMethod ?? member.method, 2) + little(0, 2) + little(0x21, 2) + little(crc, 4)
            out += little(UInt64(stored.count), 4) + little(size, 4) + little(localName.count, 2)
            out += little(member.localExtra.count, 2) + localName + member.localExtra + stored
            var extra = member.directoryExtra
            if member.isZip64 { extra = little(1, 2) + little(16, 2) + little(size, 8) + little(compressed, 8) + extra }
            let ones: UInt64 = 0xFFFF_FFFF
            directory += little(member.directorySignature, 4) + little(20, 2) + little(20, 2) + little(member.flags, 2)
            directory += little(member.method, 2) + little(0, 2) + little(0x21, 2) + little(crc, 4)
            directory += little(member.isZip64 ? ones : compressed, 4) + little(member.isZip64 ? ones : size, 4)
            directory +=
                little(member.name.count, 2) + little(extra.count, 2) + little(0, 2) + little(0, 2) + little(0, 2)
            directory += little(0, 4) + little(offset, 4) + member.name + extra
        }
        var count = statedCount ?? UInt64(members.count)
        var size = statedDirectorySize ?? UInt64(directory.count)
        var offset = statedDirectoryOffset ?? UInt64(out.count - base)
        out += directory.prefix(cutDirectory ?? .max)
        if hasZip64End {
            let locator = zip64Locator ?? UInt64(out.count - base)
            out +=
                little(zip64Signature, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) + little(0, 4)
            out += little(count, 8) + little(count, 8) + little(size, 8) + little(offset, 8)
            out += little(0x0706_4B50, 4) + little(0, 4) + little(locator, 8) + little(1, 4)
            (count, size, offset) = (0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)
        }
        out += little(0x0605_4B50, 4) + little(disk, 2) + little(disk, 2) + little(count, 2) + little(count, 2)
        return out + little(size, 4) + little(offset, 4) + little(statedCommentSize ?? UInt16(comment.count), 2)
            + comment
    }
}

package func little(_ value: some BinaryInteger, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: UInt64(truncatingIfNeeded: value) >> (8 * UInt64($0))) }
}

/// RFC 1951, 3.2.4: deflate without compression, the last block marked final.
package func storedDeflate(_ bytes: [UInt8], blockSize: Int = 65535) -> [UInt8] {
    var out: [UInt8] = []
    var at = 0
    repeat {
        let piece = bytes[at..<min(at + blockSize, bytes.count)]
        at += piece.count
        out += [at == bytes.count ? 1 : 0] + little(piece.count, 2) + little(~piece.count, 2) + piece
    } while at < bytes.count
    return out
}

/// CRC-32 by its definition, a bit at a time.
package func slowCRC32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
    }
    return ~crc
}
