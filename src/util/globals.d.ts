/** The few functions that every host of pure code has (Node, Electron, browsers), though ECMAScript itself does not name them. */
declare function queueMicrotask(callback: () => void): void
