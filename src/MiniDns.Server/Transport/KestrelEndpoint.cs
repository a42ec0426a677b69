using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MiniDns.Server.Transport;

/// <summary>A Kestrel of its own for one listening socket that is already bound, so that it can come and go by itself.</summary>
internal static class KestrelEndpoint
{
    /// <summary>Builds the application; it is started by its owner.</summary>
    /// <param name="socket">The bound socket; the application closes it.</param>
    /// <param name="shutdown">How long connections may take to end when the application stops.</param>
    /// <param name="limits">Sets Kestrel's limits.</param>
    /// <param name="listen">Says what is done with connections.</param>
    public static WebApplication Build(Socket socket, TimeSpan shutdown, Action<KestrelServerOptions> limits, Action<ListenOptions> listen)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(o => o.CreateBoundListenSocket = _ => socket);
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = shutdown);
        builder.WebHost.ConfigureKestrel(o =>
        {
            o.AddServerHeader = false;
            limits(o);
            o.Listen((IPEndPoint)socket.LocalEndPoint!, listen);
        });
        return builder.Build();
    }
}
