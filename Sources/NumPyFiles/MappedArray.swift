internal import CNpyIO
internal import HostSystem

/// The CRC-32 of a part of a member.
public struct PartialChecksum: Hashable, Sendable {
    public let range: Range<Int>
    public let crc: UInt32

    init(range: Range<Int>, crc: UInt32) {
        self.range = range
        self.crc = crc
    }

    /// The checksum of no bytes, to be extended from `start`.
    public init(from start: Int) { self.init(range: start..<start, crc: 0) }
}

/// Parts of a member whose CRC-32 is known. They are joined as soon as they touch, so that few are left however many
/// there were.
public struct JoinedChecksums: Sendable {
    private var byStart: [Int: PartialChecksum] = [:]
    private var startByEnd: [Int: Int] = [:]

    public init() {}

    /// The parts that could not be joined yet, in no order.
    public var parts: [PartialChecksum] { Array(byStart.values) }

    /// Adds a part. One that begins or ends where an earlier part does is a precondition.
    public mutating func add(_ part: PartialChecksum) {
        guard !part.range.isEmpty else { return }
        precondition(
            byStart[part.range.lowerBound] == nil && startByEnd[part.range.upperBound] == nil, "parts overlap")
        var joined = part
        if let start = startByEnd.removeValue(forKey: joined.range.lowerBound),
            let before = byStart.removeValue(forKey: start)
        {
            joined = before.joined(with: joined)
        }
        if let after = byStart.removeValue(forKey: joined.range.upperBound) {
            startByEnd[after.range.upperBound] = nil
            joined = joined.joined(with: after)
        }
        byStart[joined.range.lowerBound] = joined
        startByEnd[joined.range.upperBound] = joined.range.lowerBound
    }
}

extension PartialChecksum {
    fileprivate func joined(with next: PartialChecksum) -> PartialChecksum {
        PartialChecksum(
            range: range.lowerBound..<next.range.upperBound,
            crc: npio_crc32_combine(crc, next.crc, UInt64(next.range.count)))
    }
}

/// An array that is read in place from a mapped file. Any number of threads may read it at once.
///
/// **Edge cases.** Where the file shrinks while it is mapped, the missing bytes read as zero and `check()` throws.
public final class MappedArray: Sendable {
    public let header: ArrayHeader
    /// `FILE` or `FILE[MEMBER]`, for messages.
    public let name: String
    /// How many bytes `checksum(_:)` covers: the whole member of a stored array, or 0 where nothing is to be verified.
    public let checksummedByteCount: Int

    private let map: FileMap
    private let origin: OpenFile
    private let member: String?
    private let memberStart: Int
    private let dataStart: Int
    private let expectedCRC: UInt32

    init(
        header: ArrayHeader, name: String, member: String?, map: FileMap, origin: OpenFile, memberRange: Range<Int>,
        dataOffset: Int, expectedCRC: UInt32?
    ) {
        self.header = header
        self.name = name
        self.member = member
        self.map = map
        self.origin = origin
        memberStart = memberRange.lowerBound
        dataStart = memberRange.lowerBound + dataOffset
        checksummedByteCount = expectedCRC == nil ? 0 : memberRange.count
        self.expectedCRC = expectedCRC ?? 0
    }

    /// Calls `body` with some data bytes, counted from the first byte of the first element. Bytes outside the array are
    /// a precondition.
    ///
    /// The bytes may start at any address, because NPY does not promise alignment.
    public func withBytes<R, E: Error>(_ range: Range<Int>, _ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try map.withBytes(inMap(range), body)
    }

    /// Makes the kernel read a range ahead in the background, unless it is in memory already. This is advice: failure
    /// does not show.
    public func willNeed(_ range: Range<Int>) { map.willNeed(inMap(range)) }

    /// Reads a range from the disk and waits for it, unless it is in memory already. This is quicker than touching the
    /// mapped bytes. Failure does not show until the bytes are used.
    public func fetch(_ range: Range<Int>) { map.fetch(inMap(range)) }

    /// Drops whole pages inside `range` from this process's memory. They are read again when they are touched.
    public func release(_ range: Range<Int>) { map.release(inMap(range)) }

    /// Throws where the file shrank, grew, was written to or replaced since it was opened.
    public func check() throws(ArrayFileError) {
        try origin.check()
        if map.isFaulted {
            // Size and time are as before, so the disk took the page away and not a writer.
            throw ArrayFileError(.changed, file: origin.path, member: member)
        }
    }

    /// The CRC-32 of a range of the member's bytes, counted from its start: header and trailing bytes are part of it.
    public func checksum(_ range: Range<Int>) -> PartialChecksum {
        var part = PartialChecksum(from: range.lowerBound)
        extend(&part, to: range.upperBound)
        return part
    }

    /// Adds the bytes between the end of a part and `end`.
    public func extend(_ part: inout PartialChecksum, to end: Int) {
        let more = part.range.upperBound..<end
        precondition(more.lowerBound >= 0 && end <= checksummedByteCount, "bytes outside the member")
        let crc = map.withBytes(more.lowerBound + memberStart..<end + memberStart) { bytes in
            unsafe bytes.withUnsafeBytes {
                unsafe npio_crc32(part.crc, $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count)
            }
        }
        part = PartialChecksum(range: part.range.lowerBound..<end, crc: crc)
    }

    /// Where some data bytes lie in the member.
    public func memberRange(ofData range: Range<Int>) -> Range<Int> {
        let inMap = inMap(range)
        return inMap.lowerBound - memberStart..<inMap.upperBound - memberStart
    }

    /// Throws where parts of the member, given in any order, do not have the CRC-32 together that the archive's
    /// directory states.
    ///
    /// Parts that do not cover the member exactly are a precondition.
    public func verify(_ parts: [PartialChecksum]) throws(ArrayFileError) {
        var joined = JoinedChecksums()
        for part in parts { joined.add(part) }
        let whole = joined.parts.first ?? PartialChecksum(from: 0)
        precondition(
            joined.parts.count <= 1 && whole.range == 0..<checksummedByteCount, "parts do not cover the member")
        if checksummedByteCount > 0, whole.crc != expectedCRC {
            try check()
            throw ArrayFileError(
                .checksumMismatch, file: origin.path, member: member, found: UInt64(whole.crc),
                expected: UInt64(expectedCRC))
        }
    }

    private func inMap(_ range: Range<Int>) -> Range<Int> {
        precondition(range.lowerBound >= 0 && range.upperBound <= header.byteCount, "bytes outside the array")
        return range.lowerBound + dataStart..<range.upperBound + dataStart
    }
}
