namespace MiniDns.Plugins.NameLists;

/// <summary>What a line says of a name.</summary>
[Flags]
internal enum ListRule
{
    /// <summary>The name itself.</summary>
    Exact = 1,

    /// <summary>The names below it.</summary>
    Below = 2,

    /// <summary>It is allowed, whatever other lines say.</summary>
    Allow = 4,
}
