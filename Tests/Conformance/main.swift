// Answers format cases: one JSON object a line on stdin, one JSON object a line on stdout.
//
//     {"id": "a", "template": "{x:>5}", "args": {"x": {"t": "int", "v": "42"}}}
//     {"id":"a","got":"   42"}
//
// The op `format` reports what is wrong, as Python does; `render` is the logger's own way, which always gives a text.

import TxaioLog

func answer(_ json: JSONValue) -> String {
    guard case .string(let template)? = json["template"], let arguments = try? TypedValue.arguments(json["args"]) else {
        return #""error":"other","message":"not a case of this runner's""#
    }
    switch json["op"]?.string ?? "format" {
    case "format":
        do throws(TemplateError) {
            return "\"got\":" + quoted(try LogTemplate(template).format(pairs: arguments))
        } catch {
            return "\"error\":\"\(error.code)\",\"message\":" + quoted(error.message)
        }
    case "render":
        return "\"got\":" + quoted(LogTemplate(template).render(pairs: arguments))
    case let op:
        return "\"error\":\"other\",\"message\":" + quoted("no op '\(op)' here")
    }
}

while let line = readLine() {
    var reader = JSONReader(line)
    guard let json = try? reader.read(), let id = json["id"]?.string else { continue }
    print("{\"id\":\(quoted(id)),\(answer(json))}")
}
