using MiniDns.Diagnostics;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Diagnostics;

public sealed class PerServerTests
{
    [Fact]
    public void Each_address_has_one_made_once()
    {
        int made = 0;
        PerServer<string> texts = new(s => $"{s.Label} {++made}");
        ServerEndpoint first = new("a", 0);
        ServerEndpoint second = new("b", 1);
        texts.MakeAll([first, second]);
        Assert.Equal(2, made);
        Assert.Equal(("a 1", "b 2", "a 1"), (texts[first], texts[second], texts[first]));

        // Another configuration's address of the same name is another one.
        Assert.Equal("a 3", texts[new ServerEndpoint("a", 0)]);
        AllocationAssert.None(() => _ = texts[second]);
    }
}
