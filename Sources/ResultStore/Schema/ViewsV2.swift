/// The views that schema version 2 replaces: the same columns and rows, found with fewer lookups.
/// Frozen: a change is a new migration.
enum ViewsV2 {
  static let sql = """
    DROP VIEW v_rmse;
    CREATE VIEW v_rmse AS
    \(SampleSizeSQL.rmse(identity: ViewsV1.identity));

    DROP VIEW v_budget;
    CREATE VIEW v_budget AS
    \(SampleSizeSQL.budget(SampleSizeSQL.grid, calls: SampleSizeSQL.callScopeV2));
    """
}
