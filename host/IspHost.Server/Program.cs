using IspHost.Server.Commands;

return await CommandLine.RunAsync(args);
