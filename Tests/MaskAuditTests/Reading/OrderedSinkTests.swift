import Locking
import TestSupport
import Testing

@testable import MaskAudit

@Suite struct OrderedSinkTests {
    private struct Refusal: Error, Equatable { var number: Int }

    @Test("pieces come out in the order of their numbers, whichever thread brings them", arguments: [1, 2, 8])
    func order(threads: Int) throws {
        var random = SplitMix(seed: UInt64(threads))
        // Each number at most a few places from its own, as threads that took numbers in order bring them.
        let numbers = stride(from: 0, to: 400, by: 4).flatMap { first in
            (first..<first + 4).map { (random.next(), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        let seen = Mutex<[Int]>([])
        let sink = OrderedSink<Int, Never> { number, piece in seen.withLock { $0.append(number == piece ? piece : -1) }
        }
        runNumbered(numbers.count, threads: threads) { sink.put(numbers[$0], numbers[$0]) }
        #expect(seen.withLock { $0 } == Array(0..<400))
    }

    @Test("a piece that cannot be passed on is an error for whoever brought the one before it")
    func failure() throws {
        let sink = OrderedSink<Int, Refusal> { number, _ throws(Refusal) in
            if number == 1 { throw Refusal(number: number) }
        }
        try sink.put(0, 1)
        #expect(throws: Refusal(number: 1)) { try sink.put(0, 0) }
    }

    @Test("every number is worked on once", arguments: [1, 3], [0, 1, 500])
    func numbered(threads: Int, count: Int) {
        let seen = Mutex<[Int]>([])
        runNumbered(count, threads: threads) { number in seen.withLock { $0.append(number) } }
        #expect(seen.withLock { $0.sorted() } == Array(0..<count))
    }
}
