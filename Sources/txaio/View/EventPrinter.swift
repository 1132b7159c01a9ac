import TxaioEmitters
import TxaioLog

/// Shows events to people: one line each, or where a terminal is too narrow several, whose further ones are indented.
struct EventPrinter: Sendable {
    let isColoured: Bool
    /// Columns of the terminal; `nil` where there is none, and lines are as long as they are.
    let width: Int?

    private static let indent = "    "
    /// Narrower than this, dates and the beginnings of namespaces are left out.
    private static let narrow = 100

    /// The lines of an event, without line feeds.
    func lines(of event: ShownEvent) -> [String] {
        let isNarrow = width.map { $0 < Self.narrow } ?? false
        let time = isNarrow ? Self.clock(event.time) : event.time
        let place = isNarrow ? event.namespace.split(separator: ".").last.map(String.init) ?? "" : event.namespace
        var line = Line(isColoured: isColoured)
        line.add(Console.escaped(time), .faint)
        line.add(" ")
        line.add("\(event.level?.columns ?? "     ")", event.level.map { TextStyle($0) } ?? .plain)
        if !place.isEmpty {
            line.add(" ")
            line.add(Console.escaped(place), .cyan)
        }
        if event.template != nil || !event.message.isEmpty { line.add("  " + Console.escaped(event.message)) }
        var lines: [String] = []
        var separator = "  "
        for field in event.fields where !TemplateNames.contain(field.key, in: event.template ?? "") {
            var part = Line(isColoured: isColoured)
            part.add(Console.escaped(field.key, for: .key) + "=", .faint)
            part.add(Self.logfmt(field.value))
            if let width, line.columns + separator.count + part.columns > width {
                lines.append(line.text)
                line = Line(isColoured: isColoured)
                separator = Self.indent
            }
            line.add(separator)
            line.add(part)
            separator = " "
        }
        return lines + [line.text]
    }

    /// A line that is no event.
    func lines(ofOther line: String) -> [String] {
        var shown = Line(isColoured: isColoured)
        shown.add(Console.escaped(line), .faint)
        return [shown.text]
    }

    private static func logfmt(_ value: JSONTree) -> String {
        var buffer = ByteBuffer(capacity: 64)
        var text = value.text
        text.withUTF8 { LogfmtValue.append(UnsafeRawBufferPointer($0), to: &buffer) }
        return buffer.string()
    }

    /// `21:38:54.123` of `2026-11-22T21:38:54.123456Z`.
    private static func clock(_ time: String) -> String {
        let bytes = Array(time.utf8)
        guard bytes.count >= 23, bytes[10] == UInt8(ascii: "T") else { return time }
        return String(decoding: bytes[11..<23], as: UTF8.self)
    }

    /// Text with what it takes on a terminal.
    private struct Line {
        let isColoured: Bool
        private(set) var text = ""
        private(set) var columns = 0

        init(isColoured: Bool) { self.isColoured = isColoured }

        mutating func add(_ more: String, _ style: TextStyle? = nil) {
            columns += more.unicodeScalars.count
            if isColoured, let style {
                text += "\(style.code)\(more)\(TextStyle.plain.code)"
            } else {
                text += more
            }
        }

        mutating func add(_ other: Line) {
            text += other.text
            columns += other.columns
        }
    }
}
