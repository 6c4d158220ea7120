import Testing

@testable import HostSystem

@Suite struct TemporaryFolderTests {
    @Test(
        "temporary files go to TMPDIR, or to /tmp where that is not set or empty",
        arguments: [(nil, "/tmp"), ("", "/tmp"), ("/var/tmp", "/var/tmp"), ("scratch", "scratch")])
    func folder(variable: String?, expected: String) {
        #expect(temporaryFolder(variable: variable) == expected)
    }

    @Test("the clock runs forward")
    func clock() {
        let first = monotonicSeconds()
        #expect(monotonicSeconds() >= first)
    }
}
