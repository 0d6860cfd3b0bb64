namespace Relier.Scenarios;

/// <summary>The engines every scenario about money runs on.</summary>
public enum Engine
{
    Memory,
    Sqlite,
    Postgres,
}
