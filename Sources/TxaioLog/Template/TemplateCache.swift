// placeholder until the engine lands in this folder
internal struct TemplateCache { static let shared = TemplateCache()
    func template(_ bytes: UnsafeRawBufferPointer, isLiteral: Bool, traversal: Bool) -> CompiledTemplate { CompiledTemplate() } }
internal struct CompiledTemplate { func render(_ fields: EventFields, into b: inout ByteBuffer) {} }
internal enum TemplateRenderer { static func renderBare(_ fields: EventFields, into b: inout ByteBuffer) {} }
