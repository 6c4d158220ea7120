import NumPyFiles
import TestSupport
import Testing

@testable import MaskAudit
@testable import Reporting

@Suite struct WriteRowsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func written(
        count: Int, rowsPerChunk: Int, threads: Int, _ append: @escaping @Sendable (Int, inout ByteText) -> Void
    ) throws -> [UInt8] {
        let file = try AtomicTextFile(path: folder("rows"))
        try file.writeRows(Array(0..<count), threads: threads, rowsPerChunk: rowsPerChunk) { number, row, text in
            #expect(number == row)
            append(row, &text)
        }
        try file.commit()
        return try folder.read("rows")
    }

    @Test(
        "rows come in their order, whatever the threads and however many make a chunk",
        arguments: [1, 2, 7], [1, 7, 300, 5000])
    func order(threads: Int, rowsPerChunk: Int) throws {
        let wanted = (0..<2000).map { "row \($0)\(String(repeating: ".", count: $0 % 90))\n" }.joined()
        let bytes = try written(count: 2000, rowsPerChunk: rowsPerChunk, threads: threads) { row, text in
            text.append("row ")
            text.append(row)
            text.append(String(repeating: ".", count: row % 90) + "\n")
        }
        #expect(bytes == Array(wanted.utf8))
    }

    @Test("no rows are no text")
    func none() throws {
        #expect(try written(count: 0, rowsPerChunk: 256, threads: 4) { $1.append($0) }.isEmpty)
    }
}
