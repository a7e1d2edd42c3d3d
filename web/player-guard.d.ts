// Until player.tsx is in the tree: what the bundler's glob gives.
interface ImportMeta {
  glob(pattern: string): Record<
    string,
    () => Promise<{
      Player: import("react").ComponentType<{
        titleId: string;
        titleName: string;
        viewpoint: string | undefined;
        viewpoints: readonly { id: string; name: string; address: string }[];
        onViewpoint: (id: string | undefined) => void;
        onExit: () => void;
      }>;
    }>
  >;
}
