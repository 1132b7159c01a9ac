import Testing
import TxaioEmitters

@Suite struct ColourTests {
    private func isOn(
        _ choice: ColourChoice = .automatic,
        terminal: Bool = true,
        in environment: [String: String]
    ) -> Bool {
        choice.isOn(terminal: terminal) { environment[$0] }
    }

    @Test func aTerminalHasColoursAndAFileHasNone() {
        #expect(isOn(terminal: true, in: ["TERM": "xterm"]))
        #expect(!isOn(terminal: false, in: ["TERM": "xterm"]))
    }

    @Test func theEnvironmentDecidesAsTheConventionsSay() {
        #expect(!isOn(in: ["NO_COLOR": "1"]))
        #expect(isOn(in: ["NO_COLOR": ""]))
        #expect(!isOn(in: ["NO_COLOR": "1", "FORCE_COLOR": "1"]))
        #expect(isOn(terminal: false, in: ["FORCE_COLOR": "1"]))
        #expect(!isOn(in: ["FORCE_COLOR": "0"]))
        #expect(isOn(terminal: false, in: ["CLICOLOR_FORCE": "1", "TERM": "dumb"]))
        #expect(!isOn(in: ["TERM": "dumb"]))
        #expect(!isOn(in: ["CLICOLOR": "0"]))
        #expect(isOn(in: ["CLICOLOR": "1"]))
    }

    @Test func aChoiceInCodeWins() {
        #expect(isOn(.always, terminal: false, in: ["NO_COLOR": "1"]))
        #expect(!isOn(.never, in: ["FORCE_COLOR": "1"]))
    }
}
