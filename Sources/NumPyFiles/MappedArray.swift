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

    /// No bytes yet.
    public init(from start: Int) { self.init(range: start..<start, crc: 0) }
}

/// Parts of a member whose CRC-32 is known, joined as soon as they touch: few are left however many there were.
public struct JoinedChecksums: Sendable {
    private var byStart: [Int: PartialChecksum] = [:]
    private var startByEnd: [Int: Int] = [:]

    public init() {}

    /// What could not be joined, in no order.
    public var parts: [PartialChecksum] { Array(byStart.values) }

    /// Adds a part; one that begins or ends where one before it does is a precondition.
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

/// An array read in place from a mapped file. Any number of threads may read it at once.
///
/// **Edge cases** where the file shrinks while it is mapped the missing bytes read as zero, and `check()` throws.
public final class MappedArray: Sendable {
    public let header: ArrayHeader
    /// `FILE` or `FILE[MEMBER]`, for messages.
    public let name: String
    /// Bytes that `checksum(_:)` covers: all of the member of a stored array, 0 where nothing is to be verified.
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

    /// Data bytes, 0 being the first of the first element; outside the array is a precondition.
    ///
    /// The bytes may start at any address: NPY does not promise alignment.
    public func withBytes<R, E: Error>(_ range: Range<Int>, _ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try map.withBytes(inMap(range), body)
    }

    /// Has the kernel read a range ahead, in the background, unless it is in memory already. Advice: failure does not
    /// show.
    public func willNeed(_ range: Range<Int>) { map.willNeed(inMap(range)) }

    /// Reads a range from the disk, and waits for it, unless it is in memory already: quicker than to touch its bytes where
    /// they are mapped. Failure does not show here.
    public func fetch(_ range: Range<Int>) { map.fetch(inMap(range)) }

    /// Drops whole pages inside `range` from this process's memory; they come back when read again.
    public func release(_ range: Range<Int>) { map.release(inMap(range)) }

    /// Throws where the file shrank, grew, was written to or replaced since it was opened.
    public func check() throws(ArrayFileError) {
        try origin.check()
        if map.isFaulted {
            // Size and time are as before, so the disk and not a writer took the page away.
            throw ArrayFileError(.changed, file: origin.path, member: member)
        }
    }

    /// CRC-32 of bytes of the member, header and trailing bytes included, counted from its start.
    public func checksum(_ range: Range<Int>) -> PartialChecksum {
        var part = PartialChecksum(from: range.lowerBound)
        extend(&part, to: range.upperBound)
        return part
    }

    /// Adds the bytes that follow a part, up to `end`.
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

    /// The bytes of the member that data bytes are.
    public func memberRange(ofData range: Range<Int>) -> Range<Int> {
        let inMap = inMap(range)
        return inMap.lowerBound - memberStart..<inMap.upperBound - memberStart
    }

    /// Throws where the parts, in any order, do not add up to the CRC-32 that the archive's directory states.
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
