import Locking

/// Passes on, in the order of their numbers, what threads finish in any order.
///
/// **Threads.** `pass` runs under the sink's lock on the thread that brought the number whose turn it was, and then for all
/// that waited for it. What comes early waits in memory: at most as many pieces as there are threads, since numbers are
/// handed out in order.
package final class OrderedSink<Piece: Sendable, Failure: Error>: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: Piece] = [:]
    }

    private let pass: @Sendable (Int, Piece) throws(Failure) -> Void
    private let state = Mutex(State())

    package init(_ pass: @escaping @Sendable (Int, Piece) throws(Failure) -> Void) {
        self.pass = pass
    }

    /// Hands in the piece of a number, once each from 0 on.
    ///
    /// **Errors.** Those of `pass`, for this piece or one that waited for it.
    package func put(_ piece: Piece, _ number: Int) throws(Failure) {
        let failure = state.withLock { state -> Failure? in
            state.waiting[number] = piece
            while let piece = state.waiting.removeValue(forKey: state.next) {
                do throws(Failure) {
                    try pass(state.next, piece)
                } catch {
                    return error
                }
                state.next += 1
            }
            return nil
        }
        if let failure { throw failure }
    }
}
