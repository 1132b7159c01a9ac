import Foundation
import Testing

/// The table tells the truth: it is held against the sources of this target.
@Suite struct StatementTableTests {
    /// The functions below this folder that carry `@Test`, and those of them that are disabled.
    private static func functions() throws -> (tests: [String], disabled: [String]) {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var tests: [String] = []
        var disabled: [String] = []
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
                .joined(separator: "\n")
            for match in source.matches(of: /@Test\b([\s\S]*?)\bfunc ([A-Za-z0-9]+)/) {
                tests.append(String(match.output.2))
                if match.output.1.contains(".disabled") || match.output.1.contains(".enabled") {
                    disabled.append(String(match.output.2))
                }
            }
        }
        return (tests, disabled)
    }

    @Test func everyStatementIsInTheTableOnceAndInOrder() {
        let expected = StatementTable.sections.flatMap { section, count in (1...count).map { "\(section)\($0)" } }
        #expect(StatementTable.all.map(\.key) == expected)
    }

    @Test func everyNamedTestExistsAndRunsAlways() throws {
        let (tests, disabled) = try Self.functions()
        #expect(tests.count > 100)
        #expect(disabled.isEmpty)
        #expect(Set(tests).count == tests.count, "two tests have one name")
        for (statement, standing) in StatementTable.all {
            switch standing {
            case .tested(let names):
                #expect(!names.isEmpty, "\(statement)")
                for name in names { #expect(tests.contains(name), "\(statement): \(name)") }
            case .cannotApply(let reason): #expect(reason.count > 5, "\(statement)")
            }
        }
    }

    @Test func everyTestThatNamesAStatementIsInTheTableUnderIt() throws {
        for name in try Self.functions().tests {
            guard let numbers = name.prefixMatch(of: /(?:[a-kq][0-9]+)+(?=[A-Z])/) else { continue }
            for number in String(numbers.output).matches(of: /[a-kq][0-9]+/) {
                let statement = number.output.uppercased()
                let standing = StatementTable.all.first { $0.key == statement }?.value
                guard case .tested(let names)? = standing, names.contains(name) else {
                    Issue.record("\(name) is not in the table under \(statement)")
                    continue
                }
            }
        }
    }

    @Test func theCountsArePrinted() {
        let covered = StatementTable.all.filter { if case .tested = $0.value { true } else { false } }.count
        let total = StatementTable.all.count
        print("parity: \(total) statements, \(covered) covered by tests, \(total - covered) cannot apply")
        #expect(total == 165)
    }
}
