namespace MiniDns.Zones;

/// <summary>What is sought among <see cref="SortedNodes"/>.</summary>
internal interface ISoughtNode
{
    /// <summary>True when it belongs before a node whose key is the same.</summary>
    bool IsBefore(int id);
}
