/// What schema version 5 adds: by which route a cell was measured, and why it was not by an exact one. Frozen:
/// a change is a new migration.
///
/// `cell.route` is a column since version 4, empty until now.
enum RoutesV5 {
  static let sql = """
    ALTER TABLE cell ADD COLUMN route_reason TEXT;

    DROP VIEW v_cells;

    \(ViewsV1.cells(more: ["  c.route AS route", "  c.route_reason AS route_reason"]))
    """

  /// The columns that older views lack, for a connection to a store that is read as it is.
  static let forOlder = """
    CREATE TEMP VIEW v_cells AS
    SELECT *, NULL AS route, NULL AS route_reason FROM main.v_cells;
    """
}
