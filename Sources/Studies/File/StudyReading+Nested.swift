import Discrete
import Models
import Tensors

extension StudyReading {
  /// The values of an entry with a kind of its own: its name alone, a mapping whose lists are axes, or a list
  /// of both. Nil where one is wrong.
  mutating func entryAxis(
    _ field: DocumentField, _ spec: ParameterSpec, among kinds: [EntryKind]
  ) -> ParameterAxis? {
    let table = KindTable(
      noun: spec.name, kinds.map { ($0.name, $0.parameters) })
    var nodes = [field.value]
    if case .sequence(let items) = field.value.content, !items.isEmpty { nodes = items }
    var values: [ParameterValue] = []
    var sound = true
    for node in nodes {
      if case .scalar(let name, _) = node.content {
        if let kind = kinds.first(where: { $0.name == name }) {
          if let own = try? ResolvedParameters([:], specs: kind.parameters) {
            values.append(.entry(name, own.values))
          } else {
            let missing = kind.parameters.filter { $0.defaultValue == nil }.map(\.name)
            log.error(
              "missing-key", "'\(name)' needs '\(missing.joined(separator: "', '"))'", at: node,
              hint: "write {kind: \(name), \(missing.map { "\($0): ..." }.joined(separator: ", "))}"
            )
            sound = false
          }
        } else {
          log.error(
            "unknown-kind", "unknown \(spec.name) kind '\(MessageText.shortened(name))'", at: node,
            suggestion: table.nearest(to: name), hint: spec.hint)
          sound = false
        }
        continue
      }
      guard let cells = entry(node, table).cells else {
        sound = false
        continue
      }
      values += cells.cells.map { .entry(cells.kind, $0.values) }
    }
    guard sound else { return nil }
    var seen: Set<ParameterValue> = []
    values = values.filter { seen.insert($0).inserted }
    return ParameterAxis(
      name: field.name, key: field.key, values: values, isList: values.count > 1)
  }

  /// A program, `[{dense: 200}, relu]`, or a list of several.
  mutating func programAxis(_ field: DocumentField, _ spec: ParameterSpec) -> ParameterAxis? {
    guard let items = log.list(field.value, "'\(field.name)'", hint: spec.hint) else {
      // A program without operations is one, too.
      return nil
    }
    let isList = items.allSatisfy { if case .sequence = $0.content { true } else { false } }
    let programs = isList ? items.map(\.content) : [field.value.content]
    var values: [ParameterValue] = []
    for program in programs {
      guard case .sequence(let operations) = program,
        let read = self.operations(operations, spec)
      else { return nil }
      values.append(.list(read))
    }
    return ParameterAxis(name: field.name, key: field.key, values: values, isList: values.count > 1)
  }

  /// `relu`, `{dense: 200}`, `{conv: {channels: 8}}`, `{sum: [[], [relu]]}`, in their order.
  private mutating func operations(
    _ nodes: [DocumentNode], _ spec: ParameterSpec
  ) -> [ParameterValue]? {
    var found: [ParameterValue] = []
    for node in nodes {
      guard let operation = operation(node, spec) else { return nil }
      found.append(operation)
    }
    return found
  }

  /// One operation with all its settings.
  private mutating func operation(_ node: DocumentNode, _ spec: ParameterSpec) -> ParameterValue? {
    guard let written = written(node, spec) else { return nil }
    do {
      return try ProgramParameters.resolved(written)
    } catch {
      var name = ""
      if case .entry(let found, _) = written { name = found }
      let isKnown = ProgramParameters.names.contains(name)
      log.error(
        "operation", isKnown ? "\(name): \(error)" : "\(error)", at: node,
        suggestion: isKnown ? nil : NearestName.nearest(to: name, among: ProgramParameters.names),
        hint: isKnown
          ? spec.hint : "the operations are \(ProgramParameters.names.joined(separator: ", "))")
      return nil
    }
  }

  /// An operation as it is written.
  private mutating func written(_ node: DocumentNode, _ spec: ParameterSpec) -> ParameterValue? {
    if case .scalar(let name, _) = node.content { return .entry(name, [:]) }
    guard let table = log.mapping(node, "an operation", hint: spec.hint) else { return nil }
    guard table.fields.count == 1, let field = table.fields.first else {
      log.error(
        "wrong-type", "an operation is one name, found \(table.fields.count) keys", at: node,
        hint: spec.hint)
      return nil
    }
    switch field.value.content {
    case .refused: return nil
    case .scalar: return plain(field.value).map { .entry(field.name, ["": $0]) }
    case .mapping(let fields):
      var settings: [String: ParameterValue] = [:]
      for setting in fields {
        guard let value = plain(setting.value) else { return nil }
        settings[setting.name] = value
      }
      return .entry(field.name, settings)
    case .sequence(let branches):
      var found: [ParameterValue] = []
      for branch in branches {
        guard case .sequence(let nodes) = branch.content, let read = operations(nodes, spec) else {
          log.error(
            "wrong-type", "'\(field.name)' takes a list of lists of operations", at: branch,
            hint: spec.hint)
          return nil
        }
        found.append(.list(read))
      }
      return .entry(field.name, ["": .list(found)])
    }
  }

  /// A number, a flag or a word.
  private mutating func plain(_ node: DocumentNode) -> ParameterValue? {
    guard let (text, isPlain) = log.scalar(node, "an operation's setting", hint: nil) else {
      return nil
    }
    guard isPlain else { return .text(text) }
    if let whole = Int(text) { return .integer(whole) }
    if let number = Double(text), number.isFinite { return .number(number) }
    if text == "true" || text == "false" { return .flag(text == "true") }
    return .text(text)
  }
}
