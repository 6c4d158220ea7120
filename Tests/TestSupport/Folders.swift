import Foundation

extension TemporaryFolder {
    /// Makes a folder in this one; one that is there already is as good.
    package func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
    }
}
