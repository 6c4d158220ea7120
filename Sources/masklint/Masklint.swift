import ArgumentParser
import MaskAudit

@main
struct Masklint: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "masklint", version: masklintVersion)
}
