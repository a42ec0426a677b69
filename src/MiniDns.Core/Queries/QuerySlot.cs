namespace MiniDns.Queries;

/// <summary>A place for a handler's own state in every query, reserved when the configuration is read.</summary>
/// <typeparam name="T">The state; a struct costs no allocation after a query object's first use.</typeparam>
public sealed class QuerySlot<T>
{
    /// <summary>Reserves the place with the given index.</summary>
    public QuerySlot(int index) => Index = index;

    /// <summary>The index in a query's table.</summary>
    public int Index { get; }
}
