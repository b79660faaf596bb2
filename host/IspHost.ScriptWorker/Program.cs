using System.Globalization;
using System.Runtime.CompilerServices;
using IspHost.Scripting.Shared;
using IspHost.ScriptWorker;
using IspHost.ScriptWorker.Compile;
using IspHost.ScriptWorker.Limits;
using IspHost.ScriptWorker.Run;

// compile|run SOCKET, and a token on standard input. The host starts it; nobody else has a reason to.
if (args is not [("compile" or "run") and var verb, var path])
{
    Console.Error.WriteLine("IspHost starts this program by itself, to compile and run price scripts.");
    return 2;
}

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
var token = Console.In.ReadLine() ?? "";
Lifeline.Hold(Console.In);
var connection = Connection.Open(path);
var isCompiler = verb == "compile";
if (isCompiler)
    CompileLoop.WarmUp();
else
    RuntimeHelpers.RunClassConstructor(typeof(RunLoop).TypeHandle);

var layers = SelfLimits.PutOn(isCompiler);
var hello = connection.Begin(FrameKind.Hello);
hello.Text(token);
hello.Text(string.Join(',', layers));
connection.Send();

var stackBytes = isCompiler ? CompileLoop.StackBytes : RunLoop.StackBytes;
var thread = new Thread(() => Serve(isCompiler, connection), stackBytes);
thread.Start();
thread.Join();
return 0;

static void Serve(bool isCompiler, Connection connection)
{
    if (isCompiler)
        CompileLoop.Serve(connection);
    else
        new RunLoop(connection).Serve();
}
