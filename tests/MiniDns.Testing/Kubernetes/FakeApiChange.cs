namespace MiniDns.Testing.Kubernetes;

/// <summary>A change of an object: made when nothing was before, deleted when nothing is after.</summary>
internal sealed record FakeApiChange(long Version, string Plural, FakeApiObject? Before, FakeApiObject? After)
{
    /// <summary>What a watcher with a selector sees: objects that stop matching are deleted for it.</summary>
    public (string Type, FakeApiObject Object)? For(Func<FakeApiObject, bool> filter)
    {
        bool was = Before is not null && filter(Before);
        bool isNow = After is not null && filter(After);
        return (was, isNow) switch
        {
            (false, true) => ("ADDED", After!),
            (true, true) => ("MODIFIED", After!),
            (true, false) => ("DELETED", After ?? Before!),
            _ => null,
        };
    }
}
