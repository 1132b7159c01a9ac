internal enum Namespace {
    /// The namespace of a call of `makeLogger`, from what `#function` and `#fileID` say there.
    ///
    /// In a property's initial value `#function` is the type's name; at file scope it is the module's; in a function it ends
    /// in `)` or is the name of an accessor.
    internal static func derived(function: StaticString, file: StaticString) -> String {
        let file = file.description
        let module = file.utf8.firstIndex(of: UInt8(ascii: "/")).map { String(file[..<$0]) } ?? file
        let function = function.description
        let name = function.utf8.firstIndex(of: UInt8(ascii: "(")).map { String(function[..<$0]) } ?? function
        if name.isEmpty || name == module { return module }
        return "\(module).\(name)"
    }
}
