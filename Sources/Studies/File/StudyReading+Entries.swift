import Discrete
import Tensors

extension StudyReading {
  /// Reads an entry of `kinds`: its kind, its parameters and their axes.
  ///
  /// - Parameter extra: further keys, which the caller reads.
  /// - Returns: the cells (nil where the kind is not known) and the table the extra keys are in.
  mutating func entry(
    _ node: DocumentNode, _ kinds: KindTable, extra: [String] = []
  ) -> (cells: EntryCells?, table: FieldTable?) {
    guard let (found, isZip) = entryTable(node, kinds) else { return (nil, nil) }
    var table = found
    guard let kindNode = kindNode(in: table, kinds) else { return (nil, table) }
    guard let (kind, _) = log.scalar(kindNode, "kind", hint: "write one entry per kind") else {
      return (nil, table)
    }
    guard let specs = kinds.parameters(of: kind) else {
      log.error(
        "unknown-kind", "unknown \(kinds.noun) kind '\(MessageText.shortened(kind))'", at: kindNode,
        suggestion: kinds.nearest(to: kind), hint: kinds.hint)
      return (nil, table)
    }
    log.checkKeys(
      &table, known: ["kind"] + specs.map(\.name) + extra, owner: "\(kinds.noun) '\(kind)'")
    let axes = axes(table, specs, repeats: isZip)
    let missing = reportMissing(table, specs, kind: kind, at: kindNode)
    guard let axes, !missing else { return (nil, table) }
    return (expand(axes, specs, kind: kind, kindNode, isZip: isZip), table)
  }

  /// The value of `kind`; its absence is reported, at the misspelt key if there is one.
  private mutating func kindNode(in table: FieldTable, _ kinds: KindTable) -> DocumentNode? {
    if let node = table["kind"] { return node }
    let misspelt = table.fields.first { NearestName.nearest(to: $0.name, among: ["kind"]) != nil }
    let hint = "add `kind: NAME`; " + kinds.hint
    guard let misspelt else {
      return log.required("kind", in: table, owner: "this \(kinds.noun) entry", hint: hint)
    }
    log.error(
      "unknown-key",
      "unknown key '\(MessageText.shortened(misspelt.name))' in this \(kinds.noun) entry",
      at: misspelt.key, suggestion: "kind", hint: "every entry has a `kind`")
    return nil
  }

  /// The mapping of an entry, and whether it is a table of rows under `zip`.
  private mutating func entryTable(
    _ node: DocumentNode, _ kinds: KindTable
  ) -> (FieldTable, isZip: Bool)? {
    var hint = "write `kind: NAME` and the parameters below it; " + kinds.hint
    if case .scalar(let text, _) = node.content, kinds.parameters(of: text) != nil {
      hint = "write `- kind: \(text)`"
    }
    guard let table = log.mapping(node, "\(article(kinds.noun)) entry", hint: hint) else {
      return nil
    }
    guard let zip = table["zip"] else { return (table, false) }
    if table.fields.count > 1 {
      for field in table.fields where field.name != "zip" {
        log.error(
          "zip", "'\(MessageText.shortened(field.name))' stands beside 'zip'", at: field.key,
          hint: "move all keys of the entry below `zip`")
      }
    }
    guard let inner = log.mapping(zip, "'zip'", hint: "put `kind` and the lists below `zip`") else {
      return nil
    }
    return (inner, true)
  }

  private func article(_ noun: String) -> String {
    noun == "estimator" ? "an \(noun)" : "a \(noun)"
  }

  /// The parameters that an entry gives, in file order; nil where a value is wrong.
  mutating func axes(
    _ table: FieldTable, _ specs: [ParameterSpec], repeats: Bool
  ) -> [ParameterAxis]? {
    var axes: [ParameterAxis] = []
    var sound = true
    for field in table.fields {
      guard let spec = specs.first(where: { $0.name == field.name }) else { continue }
      guard let axis = axis(field, spec, repeats: repeats) else {
        sound = false
        continue
      }
      axes.append(axis)
    }
    return sound ? axes : nil
  }

  /// One value or a list of values. Outside `zip` a repeated value is dropped with a warning.
  mutating func axis(
    _ field: DocumentField, _ spec: ParameterSpec, repeats: Bool
  ) -> ParameterAxis? {
    switch spec.kind {
    case .entry(let kinds): return entryAxis(field, spec, among: kinds)
    case .program: return programAxis(field, spec)
    default: break
    }
    return axis(field, hint: spec.hint, repeats: repeats) { reading, node in
      reading.value(node, spec)
    }
  }

  /// One value or a list of values, each read by `read`.
  mutating func axis(
    _ field: DocumentField, hint: String, repeats: Bool,
    _ read: (inout StudyReading, DocumentNode) -> ParameterValue?
  ) -> ParameterAxis? {
    guard case .sequence = field.value.content else {
      return read(&self, field.value).map {
        ParameterAxis(name: field.name, key: field.key, values: [$0], isList: false)
      }
    }
    guard let items = log.list(field.value, "'\(field.name)'", hint: hint) else { return nil }
    var values: [ParameterValue] = []
    var seen: Set<ParameterValue> = []
    var sound = true
    for item in items {
      guard let value = read(&self, item) else {
        sound = false
        continue
      }
      if !repeats, !seen.insert(value).inserted {
        log.warn(
          "repeated-value", "'\(value)' is repeated in '\(field.name)'", at: item,
          hint: "it counts once")
      } else {
        values.append(value)
      }
    }
    return sound
      ? ParameterAxis(name: field.name, key: field.key, values: values, isList: true) : nil
  }

  /// One value of a parameter.
  mutating func value(_ node: DocumentNode, _ spec: ParameterSpec) -> ParameterValue? {
    switch spec.kind {
    case .number:
      log.number(node, spec.name, kind: spec.kind, hint: spec.hint).map { .number($0) }
    case .integer(let range):
      log.integer(node, spec.name, in: range, hint: spec.hint).map { .integer($0) }
    case .choice(let names):
      log.choice(node, spec.name, among: names, hint: spec.hint).map { .text($0) }
    case .flag:
      log.flag(node, spec.name, hint: spec.hint).map { .flag($0) }
    case .path:
      log.text(node, spec.name, hint: spec.hint).map { .text($0) }
    case .entry, .program: nil
    }
  }

  /// Reports parameters without a default that are not given; true where there are some.
  mutating func reportMissing(
    _ table: FieldTable, _ specs: [ParameterSpec], kind: String, at node: DocumentNode
  ) -> Bool {
    var missing = false
    for spec in specs where spec.defaultValue == nil && table[spec.name] == nil {
      log.error(
        "missing-key", "'\(kind)' needs '\(spec.name)'", at: node,
        hint: "\(spec.hint); \(spec.kind.allowed)")
      missing = true
    }
    return missing
  }

  private mutating func expand(
    _ axes: [ParameterAxis], _ specs: [ParameterSpec], kind: String, _ kindNode: DocumentNode,
    isZip: Bool
  ) -> EntryCells? {
    let lists = axes.filter(\.isList)
    if isZip, let first = lists.first {
      for other in lists.dropFirst() where other.values.count != first.values.count {
        log.error(
          "zip",
          "unequal lengths: '\(first.name)' has \(first.values.count), '\(other.name)' has "
            + "\(other.values.count)", at: other.key,
          hint: "the lists below `zip` are taken row by row and need the same length")
        return nil
      }
    }
    let count = isZip ? lists.first?.values.count ?? 1 : axes.gridSize
    let keys = Dictionary(axes.map { ($0.name, $0.key) }, uniquingKeysWith: { first, _ in first })
    guard count <= Self.cellLimit else {
      let size = count > 1_000_000_000_000 ? "over 1,000,000,000,000" : MessageText.grouped(count)
      log.error(
        "too-many-cells",
        "this entry has \(size) settings, the limit is \(MessageText.grouped(Self.cellLimit))",
        at: kindNode, hint: "shorten its lists, or take rows together with `zip`")
      return nil
    }
    do {
      let rows = isZip ? axes.rows(count) : axes.grid
      let cells = try rows.map { try ResolvedParameters($0, specs: specs) }
      return EntryCells(kind: kind, kindNode: kindNode, keys: keys, count: count, cells: cells)
    } catch {
      log.error(
        "wrong-parameters", "\(error)", at: kindNode, hint: "`gradfid describe \(kind)` shows them")
      return nil
    }
  }
}
