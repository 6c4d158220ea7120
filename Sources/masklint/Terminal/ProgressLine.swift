import HostSystem
import Locking
import MaskAudit
import Reporting

/// Progress on a terminal: one line on standard error, redrawn at most ten times a second.
final class ProgressLine: Sendable {
    private struct State {
        var pass = 0
        var passStart = 0.0
        var lastDrawn = 0.0
        var isDrawn = false
    }

    private let state = Mutex(State())

    func draw(_ report: ProgressMeter.Report) {
        let now = monotonicSeconds()
        state.withLock { state in
            if state.pass != report.pass {
                state.pass = report.pass
                state.passStart = now
            }
            guard now - state.lastDrawn >= 0.1 else { return }
            state.lastDrawn = now
            state.isDrawn = true
            Terminal.redraw(Self.text(report, elapsed: now - state.passStart))
        }
    }

    func clear() {
        state.withLock { state in
            if state.isDrawn { Terminal.redraw("") }
            state.isDrawn = false
        }
    }

    static func text(_ report: ProgressMeter.Report, elapsed: Double) -> String {
        let rate = elapsed > 0 ? Double(report.pixels) / elapsed : 0
        var text =
            "pass \(report.pass) of \(report.passTotal), \(grouped(report.images)) of \(grouped(report.imageTotal)) images"
        if rate > 0 {
            let left = Double(report.pixelTotal - report.pixels) / rate
            text += ", \(fixed(rate / 1e6, decimals: 1)) Mpixel/s, \(fixed(left, decimals: 0)) s left"
        }
        return text
    }
}
