using System.Globalization;
using System.Text.Json.Nodes;

namespace MiniDns.Testing.Kubernetes;

/// <summary>The objects of the test API server, with their history: one version number for everything, as in etcd.</summary>
internal sealed class FakeApiStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<(string Namespace, string Name), FakeApiObject>> _objects = new(StringComparer.Ordinal);
    private readonly List<FakeApiChange> _history = [];
    private readonly Dictionary<string, (long Version, FakeApiObject[] Others)> _pages = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 1000;
    private long _compacted = 1000;
    private long _bookmark;

    public long Version
    {
        get
        {
            lock (_lock)
            {
                return _version;
            }
        }
    }

    /// <summary>Counts the bookmarks that were asked for.</summary>
    public long BookmarkRound
    {
        get
        {
            lock (_lock)
            {
                return _bookmark;
            }
        }
    }

    /// <summary>Ends when something changes after this is read.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    public void Put(string plural, JsonObject o)
    {
        lock (_lock)
        {
            var made = new FakeApiObject(o, ++_version);
            SortedDictionary<(string, string), FakeApiObject> all = Of(plural);
            all.TryGetValue((made.Namespace, made.Name), out FakeApiObject? before);
            all[(made.Namespace, made.Name)] = made;
            Add(new FakeApiChange(_version, plural, before, made));
        }
    }

    public bool Remove(string plural, string ns, string name)
    {
        lock (_lock)
        {
            if (!Of(plural).Remove((ns, name), out FakeApiObject? before))
            {
                return false;
            }

            // The last version that watchers see has the number of the deletion.
            Add(new FakeApiChange(++_version, plural, new FakeApiObject(before.Parse(), _version), null));
            return true;
        }
    }

    public IReadOnlyList<FakeApiObject> All(string plural)
    {
        lock (_lock)
        {
            return [.. Of(plural).Values];
        }
    }

    /// <summary>Forgets everything that was before now: watches and pages from then are gone.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _compacted = _version;
            _history.Clear();
            _pages.Clear();
        }
    }

    public void Bookmark()
    {
        lock (_lock)
        {
            _bookmark++;
            Signal();
        }
    }

    /// <summary>Wakes all who wait.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            Signal();
        }
    }

    /// <summary>A page of a list as of one moment.</summary>
    /// <returns>False when the token is too old.</returns>
    public bool TryPage(string plural, Func<FakeApiObject, bool> filter, int limit, string token, out FakeApiPage page)
    {
        lock (_lock)
        {
            FakeApiObject[] rest;
            long version;
            if (token.Length == 0)
            {
                rest = [.. Of(plural).Values.Where(filter)];
                version = _version;
            }
            else if (_pages.TryGetValue(token, out (long Version, FakeApiObject[] Others) kept))
            {
                (version, rest) = kept;
            }
            else
            {
                page = new FakeApiPage([], _version, "", 0);
                return false;
            }

            if (limit <= 0 || rest.Length <= limit)
            {
                page = new FakeApiPage(rest, version, "", 0);
                return true;
            }

            string next = $"{plural}.{version}.{rest[limit].Namespace}.{rest[limit].Name}";
            _pages[next] = (version, rest[limit..]);
            page = new FakeApiPage(rest[..limit], version, next, rest.Length - limit);
            return true;
        }
    }

    /// <summary>What changed after a version.</summary>
    /// <returns>False when that is no longer known.</returns>
    public bool TryChanges(string plural, long after, out List<FakeApiChange> changes, out long version)
    {
        lock (_lock)
        {
            version = _version;
            changes = [];
            if (after < _compacted)
            {
                return false;
            }

            int low = 0;
            int high = _history.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (_history[middle].Version <= after)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            for (int i = low; i < _history.Count; i++)
            {
                if (_history[i].Plural == plural)
                {
                    changes.Add(_history[i]);
                }
            }

            return true;
        }
    }

    public static long ParseVersion(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long version) ? version : 0;

    private SortedDictionary<(string Namespace, string Name), FakeApiObject> Of(string plural)
    {
        if (!_objects.TryGetValue(plural, out SortedDictionary<(string, string), FakeApiObject>? all))
        {
            _objects[plural] = all = new(Comparer<(string Namespace, string Name)>.Create(
                static (a, b) => string.CompareOrdinal(a.Namespace, b.Namespace) is not 0 and var order ? order : string.CompareOrdinal(a.Name, b.Name)));
        }

        return all;
    }

    private void Add(FakeApiChange change)
    {
        _history.Add(change);
        Signal();
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
