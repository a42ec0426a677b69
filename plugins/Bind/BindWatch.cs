using System.Net;
using System.Net.NetworkInformation;

namespace MiniDns.Plugins.Bind;

/// <summary>Has the configuration read anew when the addresses of an interface change that <c>bind</c> names: one comes with a lease, a prefix
/// of the provider's, a tunnel.</summary>
/// <param name="interfaces">The interfaces as they were when the configuration was read.</param>
/// <param name="read">Reads them as they are.</param>
/// <param name="server">Reads the configuration.</param>
internal sealed class BindWatch(IReadOnlyList<BindInterface> interfaces, Func<IReadOnlyList<BindInterface>> read, ServerControl server) : IServerComponent
{
    private int _isAsked;

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        NetworkChange.NetworkAddressChanged += OnChange;

        // What has changed since the configuration was read.
        Look();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        NetworkChange.NetworkAddressChanged -= OnChange;
        return ValueTask.CompletedTask;
    }

    /// <summary>Compares, and asks for a reload at the first difference; the configuration that it makes has a watch of its own.</summary>
    internal void Look()
    {
        IReadOnlyList<BindInterface> now = read();
        foreach (BindInterface before in interfaces)
        {
            IReadOnlyList<IPAddress> addresses = now.FirstOrDefault(i => i.Name == before.Name)?.Addresses ?? [];

            // An interface that has lost all of them keeps its listeners: a configuration without them might have none at all.
            if (addresses.Count > 0 && !addresses.ToHashSet().SetEquals(before.Addresses) && Interlocked.Exchange(ref _isAsked, 1) == 0)
            {
                server.RequestReload($"the addresses of {before.Name} have changed");
            }
        }
    }

    private void OnChange(object? sender, EventArgs e)
    {
        // A reload that failed is tried again at the next change.
        Volatile.Write(ref _isAsked, 0);
        Look();
    }
}
